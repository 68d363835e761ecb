import { cron } from "inngest";
import { inngest } from "@/inngest/client";
import { deletionRequested } from "@/inngest/events";
import { drainCollections } from "@/lib/domain/collection/drain";
import { forgetPersons } from "@/lib/domain/person/end";
import { forgetDeliveries } from "@/lib/domain/purge/deliveries";
import { carryOutDeletions } from "@/lib/domain/purge/due";
import { paceOf } from "@/lib/domain/purge/pace";
import { forgetArrivals, forgetRefused } from "@/lib/domain/purge/refused";
import { bulkHost, purger } from "@/lib/processes/host";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 20_000;
const maxRounds = 100;

/**
 * Drains projects that are being deleted and purges what has waited its seven days, then deletes what was in emptied
 * collections and forgets old delivery ids, refused requests and counts: every minute, and at once when somebody asks. What
 * is left tells what to do, so that delivering it twice, or never finishing, is harmless.
 */
export const deleteDue = inngest.createFunction(
  {
    id: "delete-due",
    triggers: [cron("* * * * *"), deletionRequested],
    retries: 3,
    concurrency: [{ limit: 1 }],
  },
  async ({ step }) => {
    let round = 0;
    let done = await step.run("round 0", () => carryOutDeletions(purger(), budgetMs));
    while (!done.isDone && ++round < maxRounds)
      done = await step.run(`round ${round}`, () => carryOutDeletions(purger(), budgetMs));
    await step.run("emptied collections", () => drainCollections(purger().database, paceOf(budgetMs)));
    await step.run("delivery ids", () => forgetDeliveries(purger().database));
    await step.run("refused requests", () => forgetRefused(purger().database, paceOf(budgetMs)));
    await step.run("searches for persons", () => forgetPersons(bulkHost()));
    await step.run("arrivals", () => forgetArrivals(purger().database));
    return done;
  },
);
