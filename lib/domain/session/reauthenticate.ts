import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { accounts, sessions, users } from "@/db/schema";
import { verifyPassword } from "@/lib/crypto/password";
import type { UserContext } from "@/lib/domain/context";
import { consumeLimit, limits, resetLimit } from "@/lib/domain/rate-limit/consume";
import { codeInput } from "@/lib/domain/second-factor/codes";
import { hasSecondFactor } from "@/lib/domain/second-factor/get";
import { backupCodeUse, countAttempt, forgetAttempts, takeCode } from "@/lib/domain/second-factor/take-code";
import { write } from "@/lib/domain/write";
import { forbidden, invalid, notFound } from "@/lib/refusal";

export const reauthentication = z.union([
  z.strictObject({ password: z.string().min(1).max(200) }),
  z.strictObject({ code: codeInput }),
]);

type SessionContext = UserContext & { sessionId?: string };

/**
 * The person shows again to be there, with the password or a code of the second factor: sensitive acts are open for a
 * while. Throws `invalid` when it is wrong, `limit` after too many, `forbidden` for an API token.
 */
export async function reauthenticate(
  ctx: SessionContext,
  input: z.input<typeof reauthentication>,
): Promise<void> {
  const { sessionId } = ctx;
  const { userId } = ctx.actor;
  if (!sessionId) throw forbidden("An API token cannot do this. Sign in with a browser.");
  const proof = reauthentication.parse(input);
  const isCode = "code" in proof;
  const key = `reauthenticate:${userId}`;
  if (isCode) await countAttempt(ctx.db, userId);
  else {
    await consumeLimit(ctx.db, key, limits.passwordChange);
    await checkPassword(ctx, proof.password);
  }
  await write(ctx, "own", async (tx) => {
    const taken = isCode ? await takeCode(tx, userId, proof.code) : null;
    await tx
      .update(sessions)
      .set({ authenticatedAt: sql`now()` })
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)));
    return {
      result: undefined,
      audit: [
        ...(taken ? backupCodeUse(userId, taken) : []),
        { event: "session.reauthenticate", itemId: sessionId, after: { by: taken ?? "password" } },
      ],
      changed: null,
    };
  });
  if (isCode) await forgetAttempts(ctx.db, userId);
  else await resetLimit(ctx.db, key);
}

async function checkPassword(ctx: UserContext, password: string): Promise<void> {
  const [user] = await ctx.db
    .select({ hash: users.passwordHash })
    .from(users)
    .where(eq(users.id, ctx.actor.userId));
  if (await verifyPassword(password, user?.hash)) return;
  throw invalid("The password is not right.", { password: ["This is not your password."] });
}

/** How the caller can show to be there, of what is stored: which the product can also ask for is not known here. */
export async function proofsOf(
  ctx: UserContext,
): Promise<{ email: string; password: boolean; code: boolean; providers: string[] }> {
  const { userId } = ctx.actor;
  const [user] = await ctx.db
    .select({ email: users.email, hash: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  if (!user) throw notFound("Your account");
  const linked = await ctx.db
    .select({ provider: accounts.provider })
    .from(accounts)
    .where(eq(accounts.userId, userId));
  return {
    email: user.email,
    password: Boolean(user.hash),
    code: await hasSecondFactor(ctx.db, userId),
    providers: linked.map(({ provider }) => provider),
  };
}
