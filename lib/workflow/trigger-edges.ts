import { type Decisions, decideEdges } from "./conditions";
import type { StepError, WorkflowGraph } from "./types";

/** A trigger edge whose expression cannot be decided is not followed from a run, it crashes it: reported as such. */
export class TriggerConditionError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** The edges that a run begins with, of a trigger. Throws `TriggerConditionError`. */
export function triggerEdges(
  graph: WorkflowGraph,
  triggerId: string,
  decisions: Decisions<StepError>,
): string[] {
  const decided = decideEdges(graph, { triggerId }, "success", decisions);
  if ("takenEdgeIds" in decided) return decided.takenEdgeIds;
  const { error } = decided.undecided;
  throw new TriggerConditionError(
    error?.type ?? "EdgeConditionError",
    error?.message ?? "The condition on an edge that leaves the trigger could not be evaluated.",
  );
}
