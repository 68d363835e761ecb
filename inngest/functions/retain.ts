import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { tellOfRetention } from "@/lib/domain/retention/tell";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 10_000;
/** Then the next minute's turn goes on. */
const maxRounds = 4;

/**
 * Every minute: takes away what projects do not keep any more, some at a time, and writes down once a day what that was.
 * Cursors say how far it is, so that delivering it twice, or ending it anywhere, is harmless.
 */
export const retain = inngest.createFunction(
  { id: "retain", triggers: [cron("* * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  async ({ step }) => {
    // First: a round in which something of one project could not go is the last one of this minute.
    const told = await step.run("record", () => tellOfRetention(database()));
    let done = await step.run("round 0", () => carryOutRetention(database(), budgetMs));
    for (let round = 1; !done.isDone && round < maxRounds; round++)
      done = await step.run(`round ${round}`, () => carryOutRetention(database(), budgetMs));
    return { ...done, told };
  },
);
