import type { RecordedRequest } from "../../protocol/messages";

let records: RecordedRequest[] = [];

export function keepRecord(record: RecordedRequest): void {
  records.push(record);
}

/** What a dry run would have sent, once. */
export function takeRecords(): RecordedRequest[] {
  const taken = records;
  records = [];
  return taken;
}
