import { eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { mails } from "@/db/schema";
import { log } from "@/lib/log";
import { requireNetwork } from "@/lib/net/offline";
import type { Mail } from "./mail";
import { mailMode } from "./mode";
import { transmit } from "./smtp";

export const deliveries = ["sent", "shown", "failed", "unavailable"] as const;
export type Delivery = (typeof deliveries)[number];

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
    .values({ to: mail.to, subject: mail.subject, text })
    .returning({ id: mails.id });
  if (mode === "local") return "shown";
  const done = await transmit(mail);
  const failure = done.outcome === "sent" ? null : done.detail;
  const outcome = failure === null ? { sentAt: sql`now()` } : { error: failure };
  if (row) await db.update(mails).set(outcome).where(eq(mails.id, row.id));
  if (failure !== null) log.warn("a mail was not sent", { subject: mail.subject, failure });
  return failure === null ? "sent" : "failed";
}
