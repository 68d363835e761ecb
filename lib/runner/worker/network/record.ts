import type { WouldBeRequest } from "@/lib/runner/contract";

const maxRecords = 1000;

let records: WouldBeRequest[] | null = null;

/** Starts or stops keeping requests instead of sending them. */
export function setRecording(isOn: boolean): void {
  records = isOn ? [] : null;
}

export const isRecording = (): boolean => records !== null;

export function keepRecord(record: WouldBeRequest): void {
  if (records && records.length < maxRecords) records.push(record);
}

/** What a dry run would have sent, once. */
export function takeRecords(): WouldBeRequest[] {
  const taken = records ?? [];
  records = null;
  return taken;
}
