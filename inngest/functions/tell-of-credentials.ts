import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { tellOfCredentials } from "@/lib/domain/credential/tell";

/** A few times an hour: who owns credentials that end, or are not renewed any more. Doing it twice is harmless. */
export const tellOfCredentialsNow = inngest.createFunction(
  { id: "tell-of-credentials", triggers: [cron("*/10 * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  async ({ step }) => step.run("queue", () => tellOfCredentials(database())),
);
