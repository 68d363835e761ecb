import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { tellOfPlans } from "@/lib/domain/plan/tell";
import { countUsage } from "@/lib/domain/usage/count";
import { countBytes } from "@/lib/domain/usage/count-bytes";
import { joinCounts } from "@/lib/domain/usage/join-counts";

/**
 * Every minute: counts what projects have started, puts together what has ended, and tells those whose plan's runs run out.
 * Apart from the clock's tick, which a mail server that hesitates must not hold up. Doing it twice is harmless.
 */
export const countUsageEachMinute = inngest.createFunction(
  { id: "count-usage", triggers: [cron("* * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  async ({ step }) => {
    const isAllCounted = await step.run("runs", () => countUsage(database()));
    const areBytesCounted = await step.run("bytes", () => countBytes(database()));
    const areCountsJoined = await step.run("ends", () => joinCounts(database()));
    const mails = await step.run("mails", () => tellOfPlans(database()));
    return { isAllCounted, areBytesCounted, areCountsJoined, mails };
  },
);
