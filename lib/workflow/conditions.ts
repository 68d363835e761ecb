import type { ExitReason } from "@/lib/words";
import { abortsRun } from "./status";
import type { Edge, WorkflowGraph } from "./types";

export type NodeRef = { triggerId: string } | { jobId: string };

/** Edge id → what its expression came to; an object when it could not be decided. */
export type Decisions<E> = Record<string, boolean | E>;

/** Returns the enabled edges that leave a node, in the graph's order. */
export function edgesFrom(graph: WorkflowGraph, node: NodeRef): Edge[] {
  return graph.edges.filter(
    (edge) =>
      edge.enabled &&
      ("jobId" in node ? edge.sourceJobId === node.jobId : edge.sourceTriggerId === node.triggerId),
  );
}

/** Returns the expressions that must be evaluated when a node is done, as the runner takes them. */
export function expressionsFrom(
  graph: WorkflowGraph,
  node: NodeRef,
): { edgeId: string; expression: string }[] {
  return edgesFrom(graph, node).flatMap((edge) =>
    edge.conditionType === "js_expression"
      ? [{ edgeId: edge.id, expression: edge.conditionExpression ?? "" }]
      : [],
  );
}

/** Says whether an edge is followed after its source ended with `reason`; `decided` is its expression's value. */
export function follows(edge: Edge, reason: ExitReason, decided?: boolean): boolean {
  if (!edge.enabled || abortsRun(reason)) return false;
  switch (edge.conditionType) {
    case "always":
      return true;
    case "on_job_success":
      return reason === "success";
    case "on_job_failure":
      return reason === "fail";
    case "js_expression":
      return decided === true;
    default:
      return edge.conditionType satisfies never;
  }
}

export type EdgeDecision<E> =
  | { takenEdgeIds: string[] }
  /** The step counts as crashed with this error (OpenFn: EdgeConditionError) and the run is aborted. */
  | { undecided: { edgeId: string; error: E | null } };

/**
 * Decides the edges that leave a node which ended with `reason` (a trigger always ends with success). `decisions`
 * answers `expressionsFrom`; an error in it, or a missing answer, makes the whole decision impossible.
 */
export function decideEdges<E extends object>(
  graph: WorkflowGraph,
  node: NodeRef,
  reason: ExitReason,
  decisions: Decisions<E> = {},
): EdgeDecision<E> {
  if (abortsRun(reason)) return { takenEdgeIds: [] };
  const takenEdgeIds: string[] = [];
  for (const edge of edgesFrom(graph, node)) {
    const decided = edge.conditionType === "js_expression" ? decisions[edge.id] : false;
    if (typeof decided !== "boolean") return { undecided: { edgeId: edge.id, error: decided ?? null } };
    if (follows(edge, reason, decided)) takenEdgeIds.push(edge.id);
  }
  return { takenEdgeIds };
}
