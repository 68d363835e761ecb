import { cron } from "inngest";
import { inngest } from "@/inngest/client";
import { askForgottenBulk } from "@/lib/domain/bulk/carry-out";
import { askForgottenPersons } from "@/lib/domain/person/carry-out";
import { fireDueCronTriggers } from "@/lib/execution/fire-cron";
import { sweepUnfinished } from "@/lib/execution/sweep";
import { bulkHost, executionHost } from "@/lib/processes/host";

/** Every minute: cron triggers that are due, and the safety nets. Both claim rows, so a second tick finds nothing. */
export const tick = inngest.createFunction(
  { id: "tick", triggers: [cron("* * * * *")], retries: 0 },
  async ({ step }) => {
    const host = executionHost();
    const fired = await step.run("cron triggers", () => fireDueCronTriggers(host));
    const swept = await step.run("sweep", () => sweepUnfinished(host));
    const asked = await step.run("bulk acts", () => askForgottenBulk(bulkHost()));
    const persons = await step.run("persons", () => askForgottenPersons(bulkHost()));
    return { fired, ...swept, asked, persons };
  },
);
