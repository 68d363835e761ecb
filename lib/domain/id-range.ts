import type { IdRange } from "@/db/keyset";

/** The smallest UUIDv7 of a moment: time-ordered ids make a date a range of the primary key. */
export function firstIdAt(moment: string | Date): string {
  const ms = Math.max(0, new Date(moment).getTime()).toString(16).padStart(12, "0").slice(-12);
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
}

/** A page's filter as far as it is about time; `cursor` is the last id of the page before. */
type Times = { cursor?: string | undefined; from?: string | undefined; to?: string | undefined };

/** The ids of a page below `cursor`, of the times `from` up to but not including `to`. */
export function idRange({ cursor, from, to }: Times): IdRange {
  const [before] = [cursor?.toLowerCase(), to && firstIdAt(to)].filter((id) => id !== undefined).sort();
  return { before, from: from && firstIdAt(from) };
}

const lowestId = "00000000-0000-0000-0000-000000000000";
const highestId = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const leastIdChars = 8;

/** The ids that begin with a text, both ends included; undefined for what does not look like the beginning of one. */
export function idsBeginningWith(text: string): { from: string; to: string } | undefined {
  const beginning = text.toLowerCase();
  const [from, to] = [lowestId, highestId].map((id) => beginning + id.slice(beginning.length));
  if (beginning.length < leastIdChars || !from || !to || !uuid.test(from)) return undefined;
  return { from, to };
}
