import type { Context } from "@/lib/domain/context";
import type { History, HistoryAsked } from "./asked";
import { count, type Place, pageAt } from "./chunks";
import { type Numbered, placeOf } from "./page";
import { rangesOf } from "./ranges";

/**
 * A numbered page of runs or work orders of some projects, newest first, as ids. Projects, a workflow, states of runs and when
 * things were made are ranges of an index; of those, up to `countedEntries` are counted. What else is asked is looked for in
 * the newest `countedEntries` of them, which projects share alike. Throws `invalid` for what is no moment, state or id.
 */
export async function numberedHistory(
  ctxs: readonly Context[],
  asked: HistoryAsked,
  history: History,
): Promise<Numbered<Place>> {
  const ranges = rangesOf(ctxs, asked, history);
  if (!ranges) return { ...placeOf(asked, 0), items: [] };
  const { counted, isMore } = await count(ranges);
  const { offset, ...place } = placeOf(asked, counted, isMore);
  return { ...place, items: counted > 0 ? await pageAt(ranges, offset, place.pageSize) : [] };
}
