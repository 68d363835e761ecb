import type { Page } from "@/lib/domain/page";

/** Rows of a list that is read newest first by time-ordered id, in the pages it was fetched in. */
export type Row = { id: string };

/**
 * Puts a freshly read first page over what is shown. Rows of the fresh page's reach, which is its cursor, are taken from
 * it; what lies below stays. When nothing joins the two (more arrived than a page holds), only the fresh page is left. A search may
 * have come less far than before: the two join when it came as far as the first page's rows or cursor, or when everything that was
 * told of since is in its reach. `told`: the ids; null when something may have been missed.
 */
export function replaceHead<T extends Row>(
  shown: Page<T>[],
  head: Page<T>,
  told: readonly string[] | null = null,
): Page<T>[] {
  const [first, ...rest] = shown;
  const reach = head.nextCursor;
  if (!first || reach === null) return [head];
  const top = first.items[0]?.id;
  const searchedTo = first.nextCursor;
  const isJoined =
    top === undefined
      ? told !== null || (searchedTo !== null && reach <= searchedTo)
      : top >= reach || told?.every((id) => id >= reach || id <= top);
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
