import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { nextItems, type Selection } from "./items";

/** How far items are counted, and how many calls of a search that may take. */
const mostCounted = 10_000;
const mostSearches = 5;

export type Count = { count: number; isMore: boolean; first: string[] };

/**
 * How many items a selection has: exactly, up to a bound. `first` are the first of them, oldest first. Throws `limit` when
 * too many searches of the project run.
 */
export function countItems(ctx: Context, selection: Selection, first = 0): Promise<Count> {
  return selection.filter?.text
    ? heavyRead(ctx.project.id, () => count(ctx, selection, first))
    : count(ctx, selection, first);
}

async function count(ctx: Context, selection: Selection, first: number): Promise<Count> {
  const found: string[] = [];
  let cursor: string | null = null;
  for (let calls = 0; found.length < mostCounted; calls++) {
    if (selection.filter?.text && calls === mostSearches) break;
    const page = await nextItems(ctx, selection, { cursor, limit: mostCounted - found.length });
    found.push(...page.ids);
    cursor = page.after;
    if (cursor === null) break;
  }
  return { count: found.length, isMore: cursor !== null, first: found.slice(0, first) };
}
