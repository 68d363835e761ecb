import { sameValue } from "@/lib/workflow/same";
import type { Ask, Choice, Sides } from "./collision";
import type { DraftEdge, DraftGraph } from "./graph";

/** Triggers and jobs that one side removed. */
export type Gone = {
  /** They are not in the merged draft, nor is what leads to them. */
  removed: ReadonlySet<string>;
  /** They are, because the other side changed or uses them; whose they are. */
  kept: ReadonlyMap<string, Choice>;
};

type Node = { id: string };
const nodesOf = ({ triggers, jobs }: DraftGraph): Node[] => [...triggers, ...jobs];

/** Decides about each trigger and job that one side removed: it goes, unless the other one changed or uses it and nobody chose. */
export function goneNodes(sides: Sides, ask: Ask): Gone {
  const removed = new Set<string>();
  const kept = new Map<string, Choice>();
  const [mine, theirs] = [byId(nodesOf(sides.mine)), byId(nodesOf(sides.theirs))];
  for (const base of nodesOf(sides.base)) {
    const { id } = base;
    const [ours, others] = [mine.get(id), theirs.get(id)];
    if (ours && others) continue;
    const there = ours ?? others;
    const keeper: Choice = ours ? "mine" : "theirs";
    const isUsed = there && (!sameValue(there, base) || uses(sides[keeper], sides.base, id));
    if (!isUsed) {
      removed.add(id);
      continue;
    }
    const item = sides.base.jobs.some((job) => job.id === id) ? "job" : "trigger";
    const key = `${item}s.${id}`;
    const choice = ask({ key, item, itemId: id, field: null, base, mine: ours, theirs: others });
    if (choice === null || choice === keeper) kept.set(id, keeper);
    else removed.add(id);
  }
  return { removed, kept };
}

/** Whether a side has made something that leads to a node, away from it, or begins with its state. */
function uses(side: DraftGraph, base: DraftGraph, id: string): boolean {
  const [edges, triggers] = [byId(base.edges), byId(base.triggers)];
  return (
    side.edges.some((edge) => touches(edge, id) && !sameValue(edge, edges.get(edge.id))) ||
    side.triggers.some(
      (trigger) => trigger.cronCursorJobId === id && triggers.get(trigger.id)?.cronCursorJobId !== id,
    )
  );
}

const touches = ({ sourceTriggerId, sourceJobId, targetJobId }: DraftEdge, id: string): boolean =>
  sourceTriggerId === id || sourceJobId === id || targetJobId === id;

/** Whether an edge would begin or end at what is removed. */
export const isLost = (
  { sourceTriggerId, sourceJobId, targetJobId }: DraftEdge,
  { removed }: Gone,
): boolean => [sourceTriggerId, sourceJobId, targetJobId].some((id) => id !== null && removed.has(id));

/**
 * The edges of each side as they count: one that touches what is removed is as it was before, or not there; one that went with
 * a node which stays is there again.
 */
export function keptEdges(sides: Sides, gone: Gone): Record<Choice, Map<string, DraftEdge>> {
  const base = byId(sides.base.edges);
  const of = (side: Choice) => {
    const edges = new Map<string, DraftEdge>();
    for (const edge of sides[side].edges) {
      const counted = isLost(edge, gone) ? base.get(edge.id) : edge;
      if (counted) edges.set(edge.id, counted);
    }
    for (const edge of sides.base.edges)
      if (!edges.has(edge.id) && wentAlong(edge, side, gone)) edges.set(edge.id, edge);
    return edges;
  };
  return { mine: of("mine"), theirs: of("theirs") };
}

/** Whether an edge is missing on a side because that side had removed a node which stays. */
const wentAlong = (edge: DraftEdge, side: Choice, { kept }: Gone): boolean =>
  [...kept].some(([id, keeper]) => keeper !== side && touches(edge, id));

const byId = <T extends { id: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.id, item]));
