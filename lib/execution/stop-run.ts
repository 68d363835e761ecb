import type { ExecutionHost } from "./host";

/** Ends what a cancelled run is doing now. The step's result (`cancel`) ends the run on its usual way. */
export async function stopRun(host: ExecutionHost, runId: string): Promise<void> {
  for (const stepId of await host.storage.runningSteps(runId)) await host.runner.cancelStep(stepId);
}
