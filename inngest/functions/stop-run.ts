import { inngest } from "@/inngest/client";
import { runCancelled } from "@/inngest/events";
import { stopRun as stop } from "@/lib/execution/stop-run";
import { executionHost } from "@/lib/processes/host";

/** A person cancelled a running run: the job is stopped now, not at the next step. Stopping twice is harmless. */
export const stopRun = inngest.createFunction(
  { id: "stop-run", triggers: [runCancelled], retries: 3 },
  async ({ event }) => stop(executionHost(), event.data.runId),
);
