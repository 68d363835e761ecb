import type { ExecutionHost } from "./host";

/** Ends what a cancelled run is doing now. The step's result (`cancel`) ends the run on its usual way. */
export async function stopRun(host: ExecutionHost, runId: string): Promise<void> {
  const running = await host.database.query<{ id: string }>(
    "select id from steps where run_id = $1 and finished_at is null",
    [runId],
  );
  for (const step of running) await host.runner.cancelStep(step.id);
}
