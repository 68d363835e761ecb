import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { backupCodes, secondFactors } from "@/db/schema";
import { consumeLimit, limits, resetLimit } from "@/lib/domain/rate-limit/consume";
import { invalid } from "@/lib/refusal";
import { hashCode } from "./codes";
import { openSecret } from "./secret";
import { stepOf } from "./totp";

const keys = (userId: string) => [`second-factor:${userId}`, `second-factor-day:${userId}`] as const;

/**
 * Counts an attempt to give a code, before it is looked at. By account alone: who gets here has proved one factor, and a
 * million codes are few for somebody with many addresses. Throws `limit`.
 */
export async function countAttempt(db: Db, userId: string): Promise<void> {
  const [now, today] = keys(userId);
  await consumeLimit(db, now, limits.secondFactor);
  await consumeLimit(db, today, limits.secondFactorPerDay);
}

/** Forgets the attempts, after one was right. */
export async function forgetAttempts(db: Db, userId: string): Promise<void> {
  for (const key of keys(userId)) await resetLimit(db, key);
}

const wrong = () => {
  const sentence = "This code is not right, or was used already. Codes of the app change every 30 seconds.";
  return invalid(sentence, { code: [sentence] });
};

export type TakenCode = "app" | "backup";

/**
 * Takes a code of the user's second factor, so that it is good no more: six digits of a later time step than the last
 * ones, or a backup code that was not used. Returns which it was. Throws `invalid`.
 */
export async function takeCode(tx: Db, userId: string, code: string): Promise<TakenCode> {
  // Locked, so that of two requests with the same code one is late.
  const [factor] = await tx
    .select({ secret: secondFactors.secret, lastStep: secondFactors.lastStep })
    .from(secondFactors)
    .where(and(eq(secondFactors.userId, userId), isNotNull(secondFactors.confirmedAt)))
    .for("update");
  if (!factor) throw wrong();
  if (/^\d{6}$/.test(code)) {
    await takeDigits(tx, userId, factor, code);
    return "app";
  }
  const [used] = await tx
    .update(backupCodes)
    .set({ usedAt: sql`now()` })
    .where(
      and(
        eq(backupCodes.userId, userId),
        eq(backupCodes.codeHash, hashCode(code)),
        isNull(backupCodes.usedAt),
      ),
    )
    .returning({ userId: backupCodes.userId });
  if (!used) throw wrong();
  return "backup";
}

/** Takes six digits of an app. Throws `invalid` when they are wrong or not newer than the last ones. */
export async function takeDigits(
  tx: Db,
  userId: string,
  factor: { secret: string; lastStep: number | null },
  digits: string,
): Promise<void> {
  const step = stepOf(openSecret(userId, factor.secret), digits);
  if (step === null || (factor.lastStep !== null && step <= factor.lastStep)) throw wrong();
  await tx.update(secondFactors).set({ lastStep: step }).where(eq(secondFactors.userId, userId));
}

/** What the record says of a code that was taken, besides what it was taken for. */
export const backupCodeUse = (userId: string, taken: TakenCode) =>
  taken === "backup" ? [{ event: "second_factor.use_backup_code", itemId: userId }] : [];
