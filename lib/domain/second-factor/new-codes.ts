import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { type NewCodes, replaceCodes } from "./codes";
import { hasSecondFactor } from "./get";
import { refuseToken } from "./set-up";

/** Ten backup codes in place of those there were, shown this once. Throws `conflict` without a second factor. */
export async function renewBackupCodes(ctx: UserContext): Promise<NewCodes> {
  refuseToken(ctx);
  const { userId } = ctx.actor;
  return write(ctx, "own", async (tx) => {
    if (!(await hasSecondFactor(tx, userId))) throw conflict("Set a second factor up first.");
    return {
      result: { backupCodes: await replaceCodes(tx, userId) },
      audit: { event: "second_factor.renew_backup_codes", itemId: userId },
      changed: null,
    };
  });
}
