import { executeRun } from "./execute-run";
import type { ExecutionHost } from "./host";

/** A step whose row was on its way when the run was cancelled is there by then. */
const onItsWayMs = 1_000;

/**
 * Ends what a cancelled run is doing now. The step's result (`cancel`) ends the run on its usual way; one that waits for
 * its next attempt is taken over, and ends instead. Looks a second time, because a step may have been about to start.
 */
export async function stopRun(host: ExecutionHost, runId: string, againMs = onItsWayMs): Promise<void> {
  const isOver = await stopSteps(host, runId);
  if (isOver) return;
  await new Promise((resolve) => setTimeout(resolve, againMs));
  await stopSteps(host, runId);
}

async function stopSteps(host: ExecutionHost, runId: string): Promise<boolean> {
  const steps = await host.storage.runningSteps(runId);
  for (const { id, runnerId } of steps ?? []) if (runnerId) await host.runners.of(runnerId).cancelStep(id);
  if (!steps?.some(({ waits }) => waits)) return steps === null;
  await executeRun(host, runId, (_, work) => work());
  return true;
}
