import type { Edge, WorkflowGraph } from "@/lib/workflow/types";

export const nodeSize = { width: 208, height: 60 };

const gap = { x: 44, y: 64 };
/** Beside the nodes that an edge over several rows passes. */
const laneWidth = 20;

export type Place = { x: number; y: number };

export type Plan = {
  /** Top left corners, by node. */
  places: Map<string, Place>;
  /** What an edge passes on its way down, by edge; without an entry it goes straight. */
  bends: Map<string, Place[]>;
};

type Graph = {
  triggers: readonly { id: string }[];
  jobs: readonly { id: string }[];
  edges: readonly Edge[];
} & Pick<WorkflowGraph, "positions">;

/**
 * Where each node stands: as saved, or laid out from the triggers down where any place is missing. A node stands a row below
 * the last one that leads to it, the first of several under it and the others to the right, in the graph's order. So
 * whatever is added moves nothing that is to the left of it or above it, and changes no order.
 */
export function planGraph(graph: Graph): Plan {
  const ids = [...graph.triggers, ...graph.jobs].map((node) => node.id);
  const saved = graph.positions ?? {};
  if (ids.length > 0 && ids.every((id) => saved[id]))
    return { places: new Map(ids.map((id) => [id, saved[id] ?? { x: 0, y: 0 }])), bends: new Map() };
  return new Layout(graph).plan;
}

class Layout {
  readonly plan: Plan = { places: new Map(), bends: new Map() };
  readonly #leaving = new Map<string, Edge[]>();
  readonly #rows: Map<string, number>;
  /** By row: where the next node may stand. */
  readonly #free: number[] = [];

  constructor(graph: Graph) {
    const known = new Set([...graph.triggers, ...graph.jobs].map(({ id }) => id));
    for (const edge of graph.edges) {
      const source = sourceOf(edge);
      if (!known.has(source) || !known.has(edge.targetJobId)) continue;
      const leaving = this.#leaving.get(source);
      if (leaving) leaving.push(edge);
      else this.#leaving.set(source, [edge]);
    }
    const ledTo = new Set([...this.#leaving.values()].flat().map(({ targetJobId }) => targetJobId));
    const begins = graph.jobs.filter(({ id }) => !ledTo.has(id));
    const roots = [...graph.triggers, ...begins, ...graph.jobs].map(({ id }) => id);
    this.#rows = this.#findRows(roots, new Set(graph.jobs.map(({ id }) => id)));
    for (const id of roots) this.#place(id, 0);
  }

  /** The longest way to each node; what closes a circle does not count. Jobs stand below the row of the triggers. */
  #findRows(roots: readonly string[], jobs: ReadonlySet<string>): Map<string, number> {
    const order: string[] = [];
    const state = new Map<string, "open" | "done">();
    const back = new Set<Edge>();
    const visit = (id: string) => {
      state.set(id, "open");
      for (const edge of this.#leaving.get(id) ?? []) {
        const seen = state.get(edge.targetJobId);
        if (seen === "open") back.add(edge);
        else if (!seen) visit(edge.targetJobId);
      }
      state.set(id, "done");
      order.push(id);
    };
    for (const id of roots) if (!state.has(id)) visit(id);
    for (const [id, edges] of this.#leaving)
      this.#leaving.set(
        id,
        edges.filter((edge) => !back.has(edge)),
      );
    const rows = new Map<string, number>();
    for (const id of order.reverse()) {
      const row = rows.get(id) ?? (jobs.has(id) ? 1 : 0);
      rows.set(id, row);
      for (const { targetJobId } of this.#leaving.get(id) ?? [])
        rows.set(targetJobId, Math.max(rows.get(targetJobId) ?? 1, row + 1));
    }
    return rows;
  }

  #place(id: string, leftmost: number): void {
    const { places, bends } = this.plan;
    if (places.has(id)) return;
    const row = this.#row(id);
    const x = this.#take(row, leftmost, nodeSize.width);
    places.set(id, { x, y: topOf(row) });
    const leaving = this.#leaving.get(id) ?? [];
    for (const { targetJobId } of leaving)
      if (this.#row(targetJobId) === row + 1) this.#place(targetJobId, x);
    for (const edge of leaving) {
      const lane: Place[] = [];
      let at = x;
      for (let passed = row + 1; passed < this.#row(edge.targetJobId); passed++) {
        at = this.#take(passed, at, laneWidth);
        const middle = at + laneWidth / 2;
        lane.push({ x: middle, y: topOf(passed) }, { x: middle, y: topOf(passed) + nodeSize.height });
      }
      if (lane.length > 0) bends.set(edge.id, lane);
    }
  }

  /** Takes the first free place of a row that is not left of `leftmost`. */
  #take(row: number, leftmost: number, width: number): number {
    const x = Math.max(leftmost, this.#free[row] ?? 0);
    this.#free[row] = x + width + gap.x;
    return x;
  }

  #row(id: string): number {
    return this.#rows.get(id) ?? 0;
  }
}

const topOf = (row: number) => row * (nodeSize.height + gap.y);

const sourceOf = ({ sourceJobId, sourceTriggerId }: Edge) => sourceJobId ?? sourceTriggerId ?? "";
