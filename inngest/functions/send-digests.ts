import { cron } from "inngest";
import { database } from "@/db/client";
import { inngest } from "@/inngest/client";
import { sendDigests } from "@/lib/domain/notice/digest/send";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 20_000;

/** Every minute: digests whose hour has come. What is left is left to the next minute; doing it twice is harmless. */
export const sendDueDigests = inngest.createFunction(
  { id: "send-digests", triggers: [cron("* * * * *")], retries: 0, concurrency: [{ limit: 1 }] },
  ({ step }) => step.run("digests", () => sendDigests(database(), budgetMs)),
);
