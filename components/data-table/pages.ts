import type { Page } from "@/lib/domain/page";

/** Rows of a list that is read newest first by time-ordered id, in the pages it was fetched in. */
export type Row = { id: string };

/**
 * Puts a freshly read first page over what is shown. Rows of the fresh page's reach, which is its cursor, are taken from
 * it; what lies below stays. When nothing joins the two (more arrived than a page holds), only the fresh page is left. Of a
 * search whose first page is empty, only who has `missedNothing`, or reaches as far back as it did, knows that they join.
 */
export function replaceHead<T extends Row>(
  shown: Page<T>[],
  head: Page<T>,
  missedNothing = false,
): Page<T>[] {
  const [first, ...rest] = shown;
  const reach = head.nextCursor;
  if (!first || reach === null) return [head];
  const top = first.items[0]?.id;
  const searchedTo = first.nextCursor;
  const isJoined =
    top === undefined ? searchedTo !== null && (missedNothing || reach <= searchedTo) : top >= reach;
  if (!isJoined) return [head];
  if (first.nextCursor !== null && first.nextCursor >= reach) return rebase(head, rest, reach);
  const below = first.items.filter((row) => row.id < reach);
  return [{ items: [...head.items, ...below], nextCursor: first.nextCursor }, ...rest];
}

/** The fresh page reaches into the second page: its rows are not to be shown twice. */
function rebase<T extends Row>(head: Page<T>, rest: Page<T>[], reach: string): Page<T>[] {
  const kept = rest
    .map((page) => ({ ...page, items: page.items.filter((row) => row.id < reach) }))
    .filter((page) => page.items.length > 0);
  return [head, ...kept];
}

/** Newer versions of rows take the place of the ones shown; nothing moves. */
export function updateInPlace<T extends Row>(shown: Page<T>[], fresh: T[]): Page<T>[] {
  const byId = new Map(fresh.map((row) => [row.id, row]));
  return shown.map((page) => ({ ...page, items: page.items.map((row) => byId.get(row.id) ?? row) }));
}

/** `isMore`: all of the page that was counted, so that there may be more. */
export type Above = { count: number; isMore: boolean };

/** How many rows of a fresh first page lie above everything that is shown. */
export function countAbove<T extends Row>(shown: Page<T>[], head: Page<T>): Above {
  const top = shown[0]?.items[0]?.id ?? "";
  const count = head.items.filter((row) => row.id > top).length;
  return { count, isMore: count === head.items.length && head.nextCursor !== null };
}
