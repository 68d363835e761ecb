import type { WorkflowGraph } from "@/lib/workflow/types";

type Graph = Pick<WorkflowGraph, "edges"> & { jobs: readonly { id: string }[] };

/** Jobs in the order in which a run may reach them; those that nothing leads to come last, in the graph's order. */
export function jobsInOrder<Job extends { id: string }>(
  { edges }: Pick<Graph, "edges">,
  jobs: readonly Job[],
): Job[] {
  const after = new Map<string, string[]>();
  for (const { sourceJobId, targetJobId } of edges) {
    if (sourceJobId === null) continue;
    const targets = after.get(sourceJobId);
    if (targets) targets.push(targetJobId);
    else after.set(sourceJobId, [targetJobId]);
  }
  const queue = edges.flatMap((edge) => (edge.sourceTriggerId === null ? [] : [edge.targetJobId]));
  const ranks = new Map<string, number>();
  for (let index = 0; index < queue.length; index++) {
    const id = queue[index];
    if (id === undefined || ranks.has(id)) continue;
    ranks.set(id, ranks.size);
    queue.push(...(after.get(id) ?? []));
  }
  const rank = ({ id }: Job) => ranks.get(id) ?? ranks.size;
  return [...jobs].sort((a, b) => rank(a) - rank(b));
}

/** A line of the outline. Edges stand below the job that they lead to. */
export type OutlineRow = { kind: "workflow"; id: null } | { kind: "trigger" | "job" | "edge"; id: string };

/** The lines of a draft's outline: the workflow, what starts it, then every job with what leads to it. */
export function outlineRows(graph: Graph & { triggers: readonly { id: string }[] }): OutlineRow[] {
  const leading = new Map<string, OutlineRow[]>();
  for (const { id, targetJobId } of graph.edges) {
    const row = { kind: "edge" as const, id };
    const rows = leading.get(targetJobId);
    if (rows) rows.push(row);
    else leading.set(targetJobId, [row]);
  }
  return [
    { kind: "workflow", id: null },
    ...graph.triggers.map(({ id }) => ({ kind: "trigger" as const, id })),
    ...jobsInOrder(graph, graph.jobs).flatMap(({ id }) => [
      { kind: "job" as const, id },
      ...(leading.get(id) ?? []),
    ]),
  ];
}
