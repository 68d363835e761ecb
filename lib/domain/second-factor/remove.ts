import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "@/db/client";
import { backupCodes, secondFactors } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { refuseToken, secondFactorCode } from "./set-up";
import { backupCodeUse, countAttempt, forgetAttempts, takeCode } from "./take-code";

/**
 * Turns the caller's second factor off; a code of it is taken. Throws `invalid` for a wrong code, `limit` after too many.
 */
export async function removeSecondFactor(
  ctx: UserContext,
  input: z.input<typeof secondFactorCode>,
): Promise<void> {
  refuseToken(ctx);
  const { code } = secondFactorCode.parse(input);
  const { userId } = ctx.actor;
  await countAttempt(ctx.db, userId);
  await write(ctx, "own", async (tx) => {
    const taken = await takeCode(tx, userId, code);
    await forget(tx, userId);
    return {
      result: undefined,
      audit: [...backupCodeUse(userId, taken), { event: "second_factor.remove", itemId: userId }],
      changed: null,
    };
  });
  await forgetAttempts(ctx.db, userId);
}

/** The operator turns somebody's second factor off: the device and the codes are lost. Throws `conflict` without one. */
export async function resetSecondFactor(
  ctx: { db: Db },
  { userId }: { userId: string },
): Promise<{ reset: boolean }> {
  const actor = { type: "system", label: "operator" } as const;
  await write({ db: ctx.db, actor }, "own", async (tx) => {
    if (!(await forget(tx, userId))) throw conflict("This account has no second factor.");
    return { result: undefined, audit: { event: "second_factor.reset", itemId: userId }, changed: null };
  });
  await forgetAttempts(ctx.db, userId);
  return { reset: true };
}

/** Says whether there was one. */
async function forget(tx: Db, userId: string): Promise<boolean> {
  await tx.delete(backupCodes).where(eq(backupCodes.userId, userId));
  const gone = await tx
    .delete(secondFactors)
    .where(eq(secondFactors.userId, userId))
    .returning({ confirmedAt: secondFactors.confirmedAt });
  return gone.some(({ confirmedAt }) => confirmedAt !== null);
}
