import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { keepPartitions } from "@/lib/domain/partition/keep";

/** Every ten minutes: makes partitions ahead and drops those that nothing needs. Doing it twice is harmless. */
export const keepPartitionsAhead = inngest.createFunction(
  { id: "keep-partitions", triggers: [cron("*/10 * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  async ({ step }) => step.run("partitions", () => keepPartitions(database())),
);
