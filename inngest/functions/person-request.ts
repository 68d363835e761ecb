import { inngest } from "@/inngest/client";
import { personRequested } from "@/inngest/events";
import { askForPerson, carryOutPerson, giveUpPerson } from "@/lib/domain/person/carry-out";
import { bulkHost } from "@/lib/processes/host";

/** Short, so that searches take turns. */
const budgetMs = 2_000;
/** After these another function goes on, so that none remembers steps without end. */
const maxRounds = 200;

/**
 * A search for one person's data, or its wiping, page by page. Its row says how far it is, so that delivering it twice,
 * or ending anywhere, is harmless. Each result here is a number: what was found is in the database alone.
 */
export const personRequest = inngest.createFunction(
  {
    id: "person-request",
    triggers: [personRequested],
    retries: 5,
    concurrency: [{ limit: 2 }, { key: "event.data.requestId", limit: 1 }],
    onFailure: async ({ event }) => {
      const { requestId, projectId } = event.data.event.data as { requestId: string; projectId: string };
      await giveUpPerson(bulkHost(), { requestId, projectId });
    },
  },
  async ({ event, step }) => {
    const { requestId, projectId, turn } = event.data;
    for (let round = 0; round < maxRounds; round++) {
      const { isOver, waitMs } = await step.run(`pages ${round}`, () =>
        carryOutPerson(bulkHost(), { requestId, projectId, turn }, budgetMs),
      );
      if (isOver) return;
      if (waitMs > 0) await step.sleep(`pause ${round}`, waitMs);
    }
    await step.run("go on", () => askForPerson(bulkHost(), { requestId, projectId }));
  },
);
