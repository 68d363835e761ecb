import { cron } from "inngest";
import { database } from "@/db/client";
import { engineMode, inngest } from "@/inngest/client";
import { engineHealth } from "@/inngest/health";
import { watch } from "@/lib/domain/notice/operator/watch";
import { env } from "@/lib/env";
import { sharedFleet } from "@/lib/processes/runners";

/** Every minute: looks for what the operator is to hear of. Doing it twice is harmless. */
export const watchOver = inngest.createFunction(
  { id: "watch", triggers: [cron("* * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  ({ step }) =>
    step.run("look", async () => {
      const { isUp, oldestOutboxMs } = await engineHealth(database(), {
        isEmbedded: engineMode(env()) === "embedded",
      });
      const runners = (await sharedFleet()?.states()) ?? [];
      return watch(database(), {
        isRunnerWell: runners.some(({ health }) => health?.ok),
        isEngineUp: isUp,
        oldestOutboxMs,
        dataDir: env().DATA_DIR,
      });
    }),
);
