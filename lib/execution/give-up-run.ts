import { announceRuns } from "@/lib/queue/queue";
import { SupersededError } from "@/lib/runner/contract";
import { endRun } from "./execute-step";
import type { ExecutionHost } from "./host";
import { holdRun } from "./load-run";

const end = {
  state: "exception",
  errorType: "ExecutionError",
  errorMessage: "The run could not be executed because a part of Waybill was not available. Rerun it.",
} as const;

/**
 * A delivery of a run has failed for good. When nobody else executes it, it ends and says so; a step that runs is waited
 * for first and ends as it ends. Safe to call again.
 */
export async function giveUpRun(host: ExecutionHost, runId: string): Promise<void> {
  await host.executor.ready();
  const executor = await host.storage.executorOf(runId);
  if (executor && (executor !== host.executor.id || host.executor.hasInHand(runId))) return;
  try {
    await host.executor.during(runId, async () => {
      const held = await holdRun(host, runId);
      if (held) await endRun(host, held.run, end);
    });
  } catch (error) {
    if (!(error instanceof SupersededError)) throw error;
  }
}

/** A delivery of a run has failed for good although nothing is wrong with the run: unless somebody executes it, it queues again. */
export async function queueRunAgain(host: ExecutionHost, runId: string): Promise<void> {
  const handed = await host.storage.handBack([runId], null, true);
  announceRuns(host.announce, handed);
}
