import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { backupCodes, secondFactors } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";

export const secondFactor = z
  .strictObject({
    since: moment.nullable().meta({ description: "Null while there is none." }),
    backupCodesLeft: z.int(),
  })
  .meta({ id: "SecondFactor" });
export type SecondFactor = z.infer<typeof secondFactor>;

/** Whether the caller has a second factor, and how many backup codes are left. */
export async function getSecondFactor(ctx: UserContext): Promise<SecondFactor> {
  const { userId } = ctx.actor;
  const [row] = await ctx.db
    .select({ confirmedAt: secondFactors.confirmedAt })
    .from(secondFactors)
    .where(eq(secondFactors.userId, userId));
  if (!row?.confirmedAt) return { since: null, backupCodesLeft: 0 };
  const [left] = await ctx.db
    .select({ count: sql<number>`count(*)::int` })
    .from(backupCodes)
    .where(and(eq(backupCodes.userId, userId), isNull(backupCodes.usedAt)));
  return { since: iso(row.confirmedAt), backupCodesLeft: left?.count ?? 0 };
}

/** Whether a person has a second factor. */
export async function hasSecondFactor(db: Db, userId: string): Promise<boolean> {
  const rows = await db
    .select({ userId: secondFactors.userId })
    .from(secondFactors)
    .where(and(eq(secondFactors.userId, userId), isNotNull(secondFactors.confirmedAt)));
  return rows.length > 0;
}
