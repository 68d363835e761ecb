import type { ExitReason } from "@/lib/words";
import { abortsRun } from "./status";
import type { WorkflowGraph } from "./types";

/**
 * Where a run begins: at a trigger, with the edges that leave it already decided (`decideEdges`), or at one job.
 * `endJobId` stops the walk after that job, whatever is queued.
 */
export type WalkStart = { endJobId?: string } & (
  | { triggerId: string; takenEdgeIds: readonly string[] }
  | { jobId: string }
);

/** How one step ended and which edges were taken after it. Only this decides what comes next. */
export type StepOutcome = { reason: ExitReason; takenEdgeIds: readonly string[] };

/** `fromOrdinal`: the step whose output is this one's input; null = the run's own input. */
export type PlannedStep = { ordinal: number; jobId: string; fromOrdinal: number | null };

export type WalkPlan =
  | { next: PlannedStep; done: PlannedStep[] }
  /** `leaves`: ordinals of the last step of each branch. `abortedBy`: the step that ended everything. */
  | { next: null; done: PlannedStep[]; leaves: number[]; abortedBy: number | null };

/**
 * Plans a run: breadth first, one step at a time, a job with two parents once for each. Pure, so that a replay with
 * the same outcomes (by ordinal, none left out) plans the same steps. Throws when start or outcomes do not fit the graph.
 */
export function planNext(graph: WorkflowGraph, start: WalkStart, outcomes: readonly StepOutcome[]): WalkPlan {
  const queue = firstSteps(graph, start);
  let planned = queue.length;
  const done: PlannedStep[] = [];
  for (const [ordinal, outcome] of outcomes.entries()) {
    const step = queue.shift();
    if (!step) throw new Error(`The run has no step ${ordinal}, but an outcome for it.`);
    done.push(step);
    if (abortsRun(outcome.reason)) return finish(done, ordinal);
    if (step.jobId === start.endJobId) return finish(done, null);
    for (const jobId of targets(graph, outcome.takenEdgeIds, step.jobId))
      queue.push({ ordinal: planned++, jobId, fromOrdinal: ordinal });
  }
  const next = queue[0];
  return next ? { next, done } : finish(done, null);
}

function firstSteps(graph: WorkflowGraph, start: WalkStart): PlannedStep[] {
  const jobIds = "jobId" in start ? [start.jobId] : targets(graph, start.takenEdgeIds, start.triggerId);
  for (const jobId of jobIds)
    if (!graph.jobs.some((job) => job.id === jobId)) throw new Error(`Could not find start job: ${jobId}`);
  return jobIds.map((jobId, ordinal) => ({ ordinal, jobId, fromOrdinal: null }));
}

/** In the graph's order, whatever the order of `takenEdgeIds`: the walk must not depend on how they were stored. */
function targets(graph: WorkflowGraph, takenEdgeIds: readonly string[], sourceId: string): string[] {
  const taken = graph.edges.filter((edge) => takenEdgeIds.includes(edge.id));
  const strangers = taken.find((edge) => (edge.sourceJobId ?? edge.sourceTriggerId) !== sourceId);
  if (strangers || taken.length !== new Set(takenEdgeIds).size)
    throw new Error(`The edges taken after ${sourceId} do not leave it in this version of the workflow.`);
  return taken.map((edge) => edge.targetJobId);
}

function finish(done: PlannedStep[], abortedBy: number | null): WalkPlan {
  const parents = new Set(done.map((step) => step.fromOrdinal));
  const leaves = done.map((step) => step.ordinal).filter((ordinal) => !parents.has(ordinal));
  return { next: null, done, leaves, abortedBy };
}
