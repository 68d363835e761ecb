import { type PlannedStep, planNext } from "@/lib/workflow/walk";
import { endRun } from "./complete-step";
import { endAfter, executeStep, type Outcome } from "./execute-step";
import type { ExecutionHost } from "./host";
import { type ExecutableRun, loadRun, TriggerConditionError, WipedInputError } from "./load-run";

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
  if (!run) return null;
  const outcomes: Outcome[] = [];
  for (;;) {
    const { next } = planNext(run.graph, run.start, outcomes);
    if (!next) break;
    outcomes.push(await remember(nameOf(run, next), () => executeStep(host, run, next, outcomes)));
  }
  if (!outcomes.at(-1)?.runEnded) {
    const end = endAfter(run, outcomes);
    if (end) await endRun(host.database, run.id, end);
    host.notifier.touch(run.projectId, "runs", run.id);
    if (run.messageId) host.notifier.touch(run.projectId, "messages", run.messageId);
  }
  return { steps: outcomes.length };
}

const nameOf = (run: ExecutableRun, step: PlannedStep) =>
  `${step.ordinal} ${run.graph.jobs.find((job) => job.id === step.jobId)?.name ?? step.jobId}`;

async function load(host: ExecutionHost, runId: string): Promise<ExecutableRun | null> {
  try {
    return await loadRun(host, runId);
  } catch (error) {
    if (error instanceof WipedInputError)
      await endRun(host.database, runId, {
        state: "exception",
        errorType: "DataClipError",
        errorMessage: error.message,
      });
    else if (error instanceof TriggerConditionError)
      await endRun(host.database, runId, {
        state: "crashed",
        errorType: error.type,
        errorMessage: error.message,
      });
    else throw error;
    return null;
  }
}
