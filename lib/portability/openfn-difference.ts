import { isDeepStrictEqual } from "node:util";
import { diffString } from "json-diff";
import { ExactNumber } from "@/lib/exact-json";
import type { ProjectDocument, ProjectPayload } from "./document";
import { isRecord } from "./reader";

/**
 * What `openfn deploy` prints behind "Changes:": the server's project, null where there is none, against what would be
 * sent. Empty when nothing would change. `color`: with a terminal's colours, where it has them.
 */
export function openfnDifference(
  current: ProjectDocument | null,
  payload: ProjectPayload,
  { color = false, manyItems = 100 }: { color?: boolean; manyItems?: number } = {},
): string {
  const [before, after] = [asJson(current), asJson(payload)];
  if (isDeepStrictEqual(before, after)) return "";
  return diffString(...shortened(before, after, manyItems), { color });
}

/** As it goes over the wire. A number that JavaScript would change is compared, and shown, as it is written. */
const asJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key, one) {
      const original = this[key];
      return original instanceof ExactNumber ? original.written : one;
    }),
  );

/**
 * json-diff compares each item of a list with each of the other. In long lists those that are the same on both sides
 * become a text, which is printed as they are: as "...".
 */
function shortened(before: unknown, after: unknown, manyItems: number): [unknown, unknown] {
  if (Array.isArray(before) && Array.isArray(after)) return shortenedLists(before, after, manyItems);
  if (!isRecord(before) || !isRecord(after)) return [before, after];
  const [left, right] = [{ ...before }, { ...after }];
  for (const key of Object.keys(before))
    if (Object.hasOwn(after, key)) [left[key], right[key]] = shortened(before[key], after[key], manyItems);
  return [left, right];
}

function shortenedLists(before: unknown[], after: unknown[], manyItems: number): [unknown[], unknown[]] {
  const places = new Map(after.map((item, place) => [idOf(item), place]));
  const isLong = Math.max(before.length, after.length) > manyItems;
  const [left, right] = [[...before], [...after]];
  for (const [n, item] of before.entries()) {
    const id = idOf(item);
    const place = id === null ? undefined : places.get(id);
    if (place === undefined) continue;
    const other = after[place];
    if (isLong && isDeepStrictEqual(item, other)) left[n] = right[place] = `the same: ${id}`;
    else [left[n], right[place]] = shortened(item, other, manyItems);
  }
  return [left, right];
}

const idOf = (item: unknown): string | null =>
  isRecord(item) && typeof item.id === "string" ? item.id : null;
