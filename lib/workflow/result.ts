import type { FinalRunState } from "@/lib/words";
import { runStateOf } from "./status";
import type { WorkflowGraph } from "./types";
import { planNext, type StepOutcome, type WalkStart } from "./walk";

export type FinishedStep = StepOutcome & { errorType: string | null; errorMessage: string | null };

export type RunResult = {
  state: FinalRunState;
  errorType: string | null;
  errorMessage: string | null;
  /** The step that decided: the one that aborted, or the first failed leaf. Null after success. */
  decidedBy: number | null;
  /** Ordinals of the last step of each branch. */
  leaves: number[];
};

const success = { state: "success", errorType: null, errorMessage: null, decidedBy: null } as const;

/**
 * The leaf rule: what aborted a run decides it; otherwise the first leaf that failed; otherwise success, for a failure
 * that another step followed counts as handled. Throws when steps are still to be run.
 */
export function runResult(graph: WorkflowGraph, start: WalkStart, steps: readonly FinishedStep[]): RunResult {
  const plan = planNext(graph, start, steps);
  if (plan.next) throw new Error(`Step ${plan.next.ordinal} has not been run yet.`);
  const { leaves, abortedBy } = plan;
  const decidedBy = abortedBy ?? leaves.find((ordinal) => steps[ordinal]?.reason === "fail");
  const decider = decidedBy === undefined ? undefined : steps[decidedBy];
  if (decidedBy === undefined || !decider) return { ...success, leaves };
  const { reason, errorType, errorMessage } = decider;
  return { state: runStateOf(reason), errorType, errorMessage, decidedBy, leaves };
}

/**
 * The run's final state as OpenFn returns it: one leaf's output, or a map of several keyed by job id, with `-1`, `-2` …
 * for further executions of a job. Leaves without output are left out.
 */
export function finalState<T>(
  graph: WorkflowGraph,
  start: WalkStart,
  steps: readonly FinishedStep[],
  output: (ordinal: number) => T | undefined,
): T | Record<string, T> | undefined {
  const plan = planNext(graph, start, steps);
  if (plan.next) throw new Error(`Step ${plan.next.ordinal} has not been run yet.`);
  if (plan.leaves.length === 1 && plan.leaves[0] !== undefined) return output(plan.leaves[0]);
  const seen = new Map<string, number>();
  const result: Record<string, T> = {};
  for (const { ordinal, jobId } of plan.done) {
    const times = seen.get(jobId) ?? 0;
    seen.set(jobId, times + 1);
    const value = plan.leaves.includes(ordinal) ? output(ordinal) : undefined;
    if (value !== undefined) result[times === 0 ? jobId : `${jobId}-${times}`] = value;
  }
  return result;
}
