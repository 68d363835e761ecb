import { eq, sql } from "drizzle-orm";
import { createTransport } from "nodemailer";
import type { Db } from "@/db/client";
import { mails } from "@/db/schema";
import { env } from "@/lib/env";
import { inTime } from "@/lib/in-time";
import { log } from "@/lib/log";
import { requireNetwork } from "@/lib/net/offline";
import { mailMode } from "./mode";

export type Mail = { to: string; subject: string; text: string };
export const deliveries = ["sent", "shown", "failed", "unavailable"] as const;
export type Delivery = (typeof deliveries)[number];

/** For each word of the server, and for all of them. */
const timeoutMs = 15_000;
const longestMs = 60_000;

/**
 * Sends a mail, or keeps it for the local mail page. Never throws: what failed is in `mails.error` and in the answer.
 * Links are secrets: a mail that leaves is recorded without its text.
 */
export async function sendMail(db: Db, mail: Mail): Promise<Delivery> {
  requireNetwork("A mail");
  const mode = mailMode();
  if (mode === "none") return "unavailable";
  const text = mode === "local" ? mail.text : "";
  const [row] = await db
    .insert(mails)
    .values({ ...mail, text })
    .returning({ id: mails.id });
  if (mode === "local") return "shown";
  const failure = await transmit(mail);
  const outcome = failure ? { error: failure } : { sentAt: sql`now()` };
  if (row) await db.update(mails).set(outcome).where(eq(mails.id, row.id));
  if (failure) log.warn("a mail was not sent", { subject: mail.subject, failure });
  return failure ? "failed" : "sent";
}

async function transmit(mail: Mail): Promise<string | undefined> {
  const { SMTP_URL, MAIL_FROM } = env();
  if (!SMTP_URL) return "No mail server is configured.";
  const transport = createTransport({
    url: SMTP_URL,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  try {
    // A server that says a word now and then is never silent for long enough.
    await inTime(transport.sendMail({ from: MAIL_FROM, ...mail }), longestMs);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "The mail server refused.";
  } finally {
    transport.close();
  }
}
