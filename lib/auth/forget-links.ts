import { eq, lt, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { verificationTokens } from "@/db/schema";

/** Forgets what is out of date, and the links of a mailbox that no mail reached. */
export async function forgetLinks(db: Db, mailbox?: string): Promise<void> {
  await db.delete(verificationTokens).where(lt(verificationTokens.expires, sql`now()`));
  if (mailbox !== undefined)
    await db.delete(verificationTokens).where(eq(verificationTokens.identifier, mailbox));
}
