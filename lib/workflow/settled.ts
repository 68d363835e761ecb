import type { ExitReason } from "@/lib/words";
import { type Decisions, decideEdges } from "./conditions";
import type { StepError, WorkflowGraph } from "./types";

type Ended = { reason: ExitReason; error: StepError | null; conditions: Decisions<StepError> };

/**
 * A job's result together with the edges that are followed after it. An edge whose condition cannot be evaluated crashes the
 * step that it leaves (OpenFn: EdgeConditionError).
 */
export function settled<R extends Ended>(
  graph: WorkflowGraph,
  jobId: string,
  raw: R,
): { result: R; takenEdgeIds: string[] } {
  const decided = decideEdges(graph, { jobId }, raw.reason, raw.conditions);
  if ("takenEdgeIds" in decided) return { result: raw, takenEdgeIds: decided.takenEdgeIds };
  const error = decided.undecided.error ?? {
    type: "EdgeConditionError",
    message: "The condition of an edge could not be evaluated.",
  };
  return { result: { ...raw, reason: "crash", error }, takenEdgeIds: [] };
}
