import { cron } from "inngest";
import { inngest } from "@/inngest/client";
import { askForgottenBulk } from "@/lib/domain/bulk/carry-out";
import { askForgottenPersons } from "@/lib/domain/person/carry-out";
import { testDueSchedules } from "@/lib/domain/test-run/clock";
import { sweepTests } from "@/lib/domain/test-run/sweep";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { bulkHost, executionHost, testHost } from "@/lib/processes/host";

/** Every minute: cron triggers that are due, and the safety nets. Both claim rows, so a second tick finds nothing. */
export const tick = inngest.createFunction(
  { id: "tick", triggers: [cron("* * * * *")], retries: 0 },
  async ({ step }) => {
    const host = executionHost();
    const fired = await step.run("cron triggers", () => fireDueCronTriggers(host));
    const swept = await step.run("sweep", () => sweepUnfinished(host));
    const asked = await step.run("bulk acts", () => askForgottenBulk(bulkHost()));
    const persons = await step.run("persons", () => askForgottenPersons(bulkHost()));
    const tests = await step.run("tests", async () => ({
      due: await testDueSchedules(testHost()),
      ...(await sweepTests(testHost())),
    }));
    return { fired, ...swept, asked, persons, tests };
  },
);
