import { desc } from "drizzle-orm";
import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { mails } from "@/db/schema";

const shown = 50;

export type LocalMail = { id: string; to: string; subject: string; text: string; createdAt: string };

/** Newest mails for the local mail page, which decides who may see them. */
export async function listMails(db: Db): Promise<LocalMail[]> {
  const found = await db
    .select({
      id: mails.id,
      to: mails.to,
      subject: mails.subject,
      text: mails.text,
      createdAt: mails.createdAt,
    })
    .from(mails)
    .orderBy(desc(mails.createdAt))
    .limit(shown);
  return found.map((mail) => ({ ...mail, createdAt: iso(mail.createdAt) }));
}
