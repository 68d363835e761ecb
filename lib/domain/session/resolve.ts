import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { sessions, users } from "@/db/schema";

export type SignedInUser = { id: string; email: string; name: string | null; sessionId: string };

const touchAfterMs = 5 * 60_000;

/** The user of a session, or undefined when the session is revoked or its user is disabled. Asked on every request. */
export async function resolveSession(db: Db, sessionId: string): Promise<SignedInUser | undefined> {
  const [row] = await db
    .select({ id: users.id, email: users.email, name: users.name, lastSeenAt: sessions.lastSeenAt })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), isNull(users.disabledAt)));
  if (!row) return undefined;
  if (Date.now() - row.lastSeenAt.getTime() > touchAfterMs)
    await db.update(sessions).set({ lastSeenAt: sql`now()` }).where(eq(sessions.id, sessionId));
  return { id: row.id, email: row.email, name: row.name, sessionId };
}
