import { inngest } from "@/inngest/client";
import { testRequested } from "@/inngest/events";
import { executeTest } from "@/lib/domain/test-run/execute";
import { testHost } from "@/lib/processes/host";

/**
 * One test of a draft, all its jobs in one go: its rows say what it came to. What has begun is never begun again, so a second
 * delivery does nothing, and a test whose engine ends is lost.
 */
export const runTest = inngest.createFunction(
  {
    id: "run-test",
    triggers: [testRequested],
    retries: 3,
    // Runs come first: tests of everybody together have few places.
    concurrency: [{ limit: 4 }, { key: "event.data.projectId", limit: 2 }],
  },
  async ({ event, step }) => step.run("test", () => executeTest(testHost(), event.data)),
);
