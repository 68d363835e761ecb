import { inngest } from "@/inngest/client";
import { runsResumed } from "@/inngest/events";
import { releaseRuns as release } from "@/lib/execution/release-runs";
import { executionHost } from "@/lib/processes/host";

/** A workflow or project goes on: what it kept is asked for, some at a time. Doing so twice is harmless. */
export const releaseRuns = inngest.createFunction(
  { id: "release-runs", triggers: [runsResumed], retries: 5 },
  async ({ event }) => ({ released: await release(executionHost(), event.data.projectId) }),
);
