import { stopIfHungUp } from "@/db/deadline";

/** What may be hit, and about how many bytes have to be read to know. */
export type Candidate = { id: string; bytes: number };

/** What was found in one of them: what stands around it, or nothing when it was found by its id. */
export type Hit = { excerpt?: string };

/** How much one call reads at most, and how much at a time: between the parts, others have their turn on the thread. */
const callBytes = 16_000_000;
const batchBytes = 1_000_000;
const batchItems = 200;

type Search = {
  /** In the order of the list. */
  candidates: Candidate[];
  /** After which id there may be others; null: these are all. */
  goOn: string | null;
  limit: number;
  match(ids: string[]): Promise<Map<string, Hit>>;
};

/**
 * Reads candidates, of which the first may be of any size, until a page is full, `callBytes` are read or there are no
 * more. `nextCursor` is null only when every candidate was read and there are no others: then that is everything.
 */
export async function searchInOrder({
  candidates,
  goOn,
  limit,
  match,
}: Search): Promise<{ hits: Map<string, Hit>; nextCursor: string | null }> {
  const found: [string, Hit][] = [];
  let bytes = 0;
  let next = 0;
  while (next < candidates.length && found.length <= limit) {
    const batch = batchFrom(candidates, next, callBytes - bytes);
    if (batch.length === 0) break;
    stopIfHungUp();
    const hits = await match(batch.map(({ id }) => id));
    for (const { id } of batch) {
      const hit = hits.get(id);
      if (hit) found.push([id, hit]);
    }
    bytes += batch.reduce((sum, one) => sum + one.bytes, 0);
    next += batch.length;
  }
  const page = found.slice(0, limit);
  const hits = new Map(page);
  if (found.length > limit) return { hits, nextCursor: page.at(-1)?.[0] ?? null };
  const isRead = next === candidates.length;
  return { hits, nextCursor: isRead ? goOn : (candidates[next - 1]?.id ?? null) };
}

/** The next few: what fits into a batch, or one that does not; at the beginning of a call that may exceed the call's bytes. */
function batchFrom(candidates: Candidate[], start: number, leftBytes: number): Candidate[] {
  const [first] = candidates.slice(start, start + 1);
  if (!first || (start > 0 && first.bytes > leftBytes)) return [];
  const batch = [first];
  let { bytes } = first;
  for (const one of candidates.slice(start + 1, start + batchItems)) {
    bytes += one.bytes;
    if (bytes > Math.min(batchBytes, leftBytes)) break;
    batch.push(one);
  }
  return batch;
}
