import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "@/db/schema";
import { hashPassword, verifyPassword } from "@/lib/crypto/password";
import type { UserContext } from "@/lib/domain/context";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { endSessions } from "@/lib/domain/session/revoke";
import { write } from "@/lib/domain/write";
import { forbidden, invalid } from "@/lib/refusal";
import { givenPassword, passwordInput, refuseWeakPassword } from "./schemas";

export const passwordChange = z.strictObject({
  current: givenPassword.default(""),
  next: passwordInput,
});

/**
 * Sets a new password and signs every other browser out. Throws `invalid` for a common one and when the current one is wrong (users
 * without a password need none), `forbidden` for API tokens.
 */
export async function changePassword(
  ctx: UserContext & { sessionId?: string },
  input: z.input<typeof passwordChange>,
): Promise<void> {
  if (ctx.actor.type !== "user")
    throw forbidden("An API token cannot change a password. Sign in with a browser.");
  const { current, next } = passwordChange.parse(input);
  const { userId } = ctx.actor;
  await consumeLimit(ctx.db, `password-change:${userId}`, limits.passwordChange);
  const [user] = await ctx.db
    .select({ hash: users.passwordHash, email: users.email, name: users.name })
    .from(users)
    .where(eq(users.id, userId));
  if (user?.hash && !(await verifyPassword(current, user.hash)))
    throw invalid("The current password is not right.", { current: ["This is not your current password."] });
  if (user) await refuseWeakPassword(next, user, "next");
  const passwordHash = await hashPassword(next);
  await write(ctx, "own", async (tx) => {
    await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
    await endSessions(tx, userId, { except: ctx.sessionId });
    return {
      result: undefined,
      audit: { event: "user.change_password", itemId: userId },
      changed: null,
    };
  });
}
