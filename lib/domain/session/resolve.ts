import { and, eq, gt, isNull, not, type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { sessions, users } from "@/db/schema";
import { isComplete } from "./is-complete";

export type SignedInUser = {
  id: string;
  email: string;
  name: string | null;
  sessionId: string;
  /** When the person last proved to be there. */
  authenticatedAt: Date;
  deletesAt: Date | null;
};

const touchAfterMs = 5 * 60_000;
/** How long a sign-in waits for its second factor. */
const secondStepMinutes = 15;

/**
 * The user of a session, or undefined when the session is revoked, waits for its second factor, or its user is disabled.
 * Asked on every request.
 */
export async function resolveSession(db: Db, sessionId: string): Promise<SignedInUser | undefined> {
  const found = await find(db, sessionId, isComplete(db));
  if (!found) return undefined;
  const { lastSeenAt, ...user } = found;
  if (Date.now() - lastSeenAt.getTime() > touchAfterMs)
    await db.update(sessions).set({ lastSeenAt: sql`now()` }).where(eq(sessions.id, sessionId));
  return user;
}

/** The user of a sign-in that waits for its second factor: good for giving it, and for nothing else. */
export async function resolveHalfSession(
  db: Db,
  sessionId: string,
): Promise<Omit<SignedInUser, "authenticatedAt" | "deletesAt"> | undefined> {
  const isFresh = gt(sessions.authenticatedAt, sql`now() - make_interval(mins => ${secondStepMinutes})`);
  const found = await find(db, sessionId, and(not(isComplete(db)), isFresh));
  return found && { id: found.id, email: found.email, name: found.name, sessionId };
}

async function find(db: Db, sessionId: string, state: SQL | undefined) {
  const [row] = await db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      lastSeenAt: sessions.lastSeenAt,
      authenticatedAt: sessions.authenticatedAt,
      deletesAt: users.deletesAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAt), isNull(users.disabledAt), state));
  return row && { ...row, sessionId };
}
