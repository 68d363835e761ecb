import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { apiTokens, sessions, users } from "@/db/schema";
import { write } from "@/lib/domain/write";

/**
 * Notes that the user reads this mailbox. `isOwnBrowser`: the link was opened where the user is signed in. Otherwise
 * whoever chose the password may be somebody else who registered this address first, and what they hold ends here.
 */
export async function verifyEmail(db: Db, input: { userId: string; isOwnBrowser: boolean }): Promise<void> {
  await write({ db }, "own", async (tx) => {
    const [user] = await tx
      .update(users)
      .set({ emailVerified: sql`now()`, ...(input.isOwnBrowser ? {} : { passwordHash: null }) })
      .where(and(eq(users.id, input.userId), isNull(users.emailVerified)))
      .returning({ id: users.id, email: users.email });
    if (!user) return { result: undefined, audit: null, changed: null };
    if (!input.isOwnBrowser) {
      const ended = { revokedAt: sql`now()` };
      await tx
        .update(sessions)
        .set(ended)
        .where(and(eq(sessions.userId, user.id), isNull(sessions.revokedAt)));
      await tx
        .update(apiTokens)
        .set(ended)
        .where(and(eq(apiTokens.userId, user.id), isNull(apiTokens.revokedAt)));
    }
    const actor = { type: "user" as const, userId: user.id, label: user.email };
    const after = { passwordKept: input.isOwnBrowser };
    return {
      result: undefined,
      audit: { event: "user.verify_email", itemId: user.id, after, actor },
      changed: null,
    };
  });
}
