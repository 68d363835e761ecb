import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { sessions } from "@/db/schema";
import { codeInput } from "@/lib/domain/second-factor/codes";
import { backupCodeUse, countAttempt, forgetAttempts, takeCode } from "@/lib/domain/second-factor/take-code";
import { write } from "@/lib/domain/write";
import { Refusal } from "@/lib/refusal";
import { resolveHalfSession } from "./resolve";

export const secondStep = z.strictObject({ code: codeInput });

/**
 * The second step of a sign-in: with a code, the half session becomes one. Throws `unauthenticated` when none waits for
 * it, `invalid` for a wrong code, `limit` after too many.
 */
export async function completeSession(
  db: Db,
  { sessionId, ...input }: { sessionId: string | undefined } & z.input<typeof secondStep>,
): Promise<void> {
  const { code } = secondStep.parse(input);
  const user = sessionId ? await resolveHalfSession(db, sessionId) : undefined;
  if (!user) throw new Refusal("unauthenticated", "This sign-in is too old or has ended. Sign in again.");
  await countAttempt(db, user.id);
  const actor = { type: "user", userId: user.id, label: user.email } as const;
  await write({ db, actor }, "own", async (tx) => {
    const taken = await takeCode(tx, user.id, code);
    await tx
      .update(sessions)
      .set({ secondFactorAt: sql`now()`, authenticatedAt: sql`now()` })
      .where(and(eq(sessions.id, user.sessionId), eq(sessions.userId, user.id)));
    return {
      result: undefined,
      audit: [
        ...backupCodeUse(user.id, taken),
        { event: "session.second_factor", itemId: user.sessionId, after: { by: taken } },
      ],
      changed: null,
    };
  });
  await forgetAttempts(db, user.id);
}
