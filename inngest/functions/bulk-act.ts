import { inngest } from "@/inngest/client";
import { bulkRequested } from "@/inngest/events";
import { askForBulk, carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { giveUpBulk } from "@/lib/domain/bulk/give-up";
import { bulkHost } from "@/lib/processes/host";

/** Short, so that acts take turns. */
const budgetMs = 2_000;
/** After these another function goes on, so that none remembers steps without end. */
const maxRounds = 200;

/**
 * A bulk act, batch by batch. Its row says how far it is, so that delivering it twice, or ending anywhere, is harmless;
 * pauses are Inngest's, and survive it.
 */
export const bulkAct = inngest.createFunction(
  {
    id: "bulk-act",
    triggers: [bulkRequested],
    retries: 5,
    concurrency: [{ limit: 2 }, { key: "event.data.actId", limit: 1 }],
    onFailure: async ({ event }) => {
      const { actId, projectId } = event.data.event.data as { actId: string; projectId: string };
      await giveUpBulk(bulkHost(), { actId, projectId });
    },
  },
  async ({ event, step }) => {
    const { actId, projectId, turn } = event.data;
    for (let round = 0; round < maxRounds; round++) {
      const { isOver, waitMs } = await step.run(`batches ${round}`, () =>
        carryOutBulk(bulkHost(), { actId, projectId, turn }, budgetMs),
      );
      if (isOver) return;
      if (waitMs > 0) await step.sleep(`pause ${round}`, waitMs);
    }
    await step.run("go on", () => askForBulk(bulkHost(), { actId, projectId }));
  },
);
