import { cron } from "inngest";
import { inngest } from "@/inngest/client";
import { issuesRequested } from "@/inngest/events";
import { collectIssues } from "@/lib/domain/issue/collect";
import { collector } from "@/lib/processes/host";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 10_000;

/**
 * Makes issues of what has failed and resolves those that are over: at once when somebody asks, and every minute. Rows say
 * what there is to do, so that doing it twice, or never finishing, is harmless.
 */
export const collectIssuesOfAll = inngest.createFunction(
  {
    id: "collect-issues",
    triggers: [cron("* * * * *"), issuesRequested],
    retries: 0,
    concurrency: [{ limit: 1 }],
  },
  async ({ step }) => step.run("collect", () => collectIssues(collector(), { budgetMs })),
);
