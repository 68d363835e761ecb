import { GoneError } from "@/lib/state/kept";
import { type PlannedStep, planNext } from "@/lib/workflow/walk";
import { changesOf, endAfter, executeStep, type Outcome } from "./execute-step";
import type { ExecutionHost } from "./host";
import { type ExecutableRun, loadRun, TriggerConditionError } from "./load-run";
import type { RunEnd } from "./storage";

/** Remembers a result under a name, so that a replay does not do the work again: Inngest's `step.run`. */
export type Remember = (name: string, work: () => Promise<Outcome>) => Promise<Outcome>;

/**
 * Executes a run from its first step to its end. Safe to call again at any point: what is finished is found, what is
 * running is followed. Returns the final outcomes, or null when there was nothing to do.
 */
export async function executeRun(
  host: ExecutionHost,
  runId: string,
  remember: Remember,
): Promise<{ steps: number } | null> {
  const run = await load(host, runId);
  if (!run) {
    host.held.release(runId);
    return null;
  }
  const outcomes: Outcome[] = [];
  for (;;) {
    const { next } = planNext(run.graph, run.start, outcomes);
    if (!next) break;
    outcomes.push(await remember(nameOf(run, next), () => executeStep(host, run, next, outcomes)));
  }
  if (!outcomes.at(-1)?.runEnded) {
    const end = endAfter(run, outcomes);
    if (end) await host.storage.endRuns([{ runId: run.id, end }]);
    host.announce(changesOf(run));
  }
  host.held.release(run.id);
  return { steps: outcomes.length };
}

const nameOf = (run: ExecutableRun, step: PlannedStep) =>
  `${step.ordinal} ${run.graph.jobs.find((job) => job.id === step.jobId)?.name ?? step.jobId}`;

async function load(host: ExecutionHost, runId: string): Promise<ExecutableRun | null> {
  try {
    return await loadRun(host, runId);
  } catch (error) {
    let end: RunEnd;
    if (error instanceof GoneError)
      end = {
        state: "exception",
        errorType: "DataClipError",
        errorMessage: `The input of this run is no longer there. ${error.message}`,
      };
    else if (error instanceof TriggerConditionError)
      end = { state: "crashed", errorType: error.type, errorMessage: error.message };
    else throw error;
    await host.storage.endRuns([{ runId, end }]);
    return null;
  }
}
