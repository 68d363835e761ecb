import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentials } from "@/db/schema";

/**
 * Notes since when a credential's tokens are not renewed, and the end of the sentence that says why, so that its owner sees
 * it and is told. Never throws: what matters now is said by the caller.
 */
export async function noteRenewalProblem(db: Db, id: string, problem: string): Promise<void> {
  const isNews = sql`${credentials.renewalProblem} is distinct from ${problem}`;
  await db
    .update(credentials)
    .set({ renewalFailedAt: sql`coalesce(${credentials.renewalFailedAt}, now())`, renewalProblem: problem })
    .where(and(eq(credentials.id, id), isNews))
    .catch(() => {});
}
