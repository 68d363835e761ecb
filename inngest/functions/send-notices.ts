import { cron } from "inngest";
import { inngest } from "@/inngest/client";
import { noticesRequested } from "@/inngest/events";
import { sendNotices } from "@/lib/domain/notice/send";
import { noticeHost } from "@/lib/processes/host";

/** Short enough for a call, and for an engine that is about to stop. */
const budgetMs = 20_000;

const when = [cron("* * * * *"), noticesRequested];

/**
 * Every minute and at once when somebody asks: what is due. Delivering it twice, or ending anywhere, is harmless; the rows say
 * what has left. Mails apart from requests, and two of each, so that what is slow holds nobody else up.
 */
export const sendMails = inngest.createFunction(
  { id: "send-mails", triggers: when, retries: 0, concurrency: [{ limit: 2 }] },
  ({ step }) => step.run("mails", () => sendNotices(noticeHost(), "mail", budgetMs)),
);

export const sendToChannels = inngest.createFunction(
  { id: "send-to-channels", triggers: when, retries: 0, concurrency: [{ limit: 2 }] },
  ({ step }) => step.run("requests", () => sendNotices(noticeHost(), "request", budgetMs)),
);
