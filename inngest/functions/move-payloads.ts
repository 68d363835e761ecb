import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { clearPayloads } from "@/lib/payloads/clear";
import { moveApart, toldOnce } from "@/lib/payloads/move";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 10_000;

/**
 * Every minute: takes large bodies out of the database, where a storage for them is set, and deletes there what nothing refers to any
 * more. Each is a matter of its own, so that delivering it twice, or ending it anywhere, is harmless.
 */
export const movePayloads = inngest.createFunction(
  { id: "move-payloads", triggers: [cron("* * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  async ({ step }) => {
    const cleared = await step.run("clear", () =>
      toldOnce("clear", () => clearPayloads(database(), budgetMs)),
    );
    const moved = await step.run("move", () => toldOnce("move", () => moveApart(database(), budgetMs)));
    return { cleared, moved };
  },
);
