import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { secondFactors, sessions, users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { endSessions } from "@/lib/domain/session/revoke";
import { write } from "@/lib/domain/write";
import { conflict, forbidden, notFound } from "@/lib/refusal";
import { codeInput, type NewCodes, replaceCodes } from "./codes";
import { sealSecret } from "./secret";
import { countAttempt, forgetAttempts, takeDigits } from "./take-code";
import { newSecret, uriOf } from "./totp";

export const begunSecondFactor = z.strictObject({
  secret: z.string().meta({ description: "Base32, for apps that cannot scan." }),
  uri: z.string().meta({ description: "otpauth://, what a QR code holds." }),
});

export const secondFactorCode = z.strictObject({ code: codeInput });

const hasOne = () => conflict("You have a second factor. Turn it off first.");

/** Throws `forbidden` for an API token. */
export function refuseToken(ctx: UserContext): void {
  if (ctx.actor.type !== "user")
    throw forbidden("An API token cannot touch the second factor. Sign in with a browser.");
}

/**
 * Begins to set a second factor up: a new secret, in the answer and sealed, which asks for nothing yet. With
 * `isMailDelivered` the address has to be confirmed first: nobody locks others out of an address that is not theirs.
 * Throws `conflict` then, and when there is a second factor.
 */
export async function beginSecondFactor(
  ctx: UserContext,
  { isMailDelivered }: { isMailDelivered: boolean },
): Promise<z.infer<typeof begunSecondFactor>> {
  refuseToken(ctx);
  const { userId } = ctx.actor;
  const secret = newSecret();
  return write(ctx, "own", async (tx) => {
    const [user] = await tx
      .select({ email: users.email, emailVerified: users.emailVerified })
      .from(users)
      .where(eq(users.id, userId));
    if (!user) throw notFound("Your account");
    if (isMailDelivered && !user.emailVerified)
      throw conflict("Confirm your e-mail address first, with a link that is mailed to you.");
    const values = { secret: sealSecret(userId, secret), lastStep: null };
    const [begun] = await tx
      .insert(secondFactors)
      .values({ userId, ...values })
      .onConflictDoUpdate({
        target: secondFactors.userId,
        set: values,
        setWhere: isNull(secondFactors.confirmedAt),
      })
      .returning({ userId: secondFactors.userId });
    if (!begun) throw hasOne();
    return { result: { secret, uri: uriOf(secret, user.email) }, audit: null, changed: null };
  });
}

/**
 * Turns the second factor on, once a code shows that the app has the secret, and signs every other browser out. Returns
 * the backup codes, which are shown this once. Throws `invalid`, `conflict`, and `limit` after too many wrong codes.
 */
export async function confirmSecondFactor(
  ctx: UserContext & { sessionId?: string },
  input: z.input<typeof secondFactorCode>,
): Promise<NewCodes> {
  refuseToken(ctx);
  const { code } = secondFactorCode.parse(input);
  const { userId } = ctx.actor;
  const { sessionId } = ctx;
  await countAttempt(ctx.db, userId);
  const codes = await write(ctx, "own", async (tx) => {
    const [factor] = await tx
      .select()
      .from(secondFactors)
      .where(eq(secondFactors.userId, userId))
      .for("update");
    if (!factor) throw conflict("Begin anew: there is no secret to confirm.");
    if (factor.confirmedAt) throw hasOne();
    await takeDigits(tx, userId, factor, code);
    await tx.update(secondFactors).set({ confirmedAt: sql`now()` }).where(eq(secondFactors.userId, userId));
    if (sessionId)
      await tx
        .update(sessions)
        .set({ secondFactorAt: sql`now()` })
        .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)));
    await endSessions(tx, userId, { except: sessionId });
    return {
      result: await replaceCodes(tx, userId),
      audit: { event: "second_factor.set_up", itemId: userId },
      changed: null,
    };
  });
  await forgetAttempts(ctx.db, userId);
  return { backupCodes: codes };
}
