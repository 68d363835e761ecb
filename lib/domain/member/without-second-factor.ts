import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { projectMembers, secondFactors } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";

/** How many members have no second factor: whom asking for one shuts out. */
export async function countWithoutSecondFactor(ctx: Context): Promise<number> {
  // Looking is possible also while the project is being deleted.
  requirePermission({ role: ctx.role }, "project.update");
  const [row] = await ctx.db
    .select({ count: sql<number>`count(*)::int` })
    .from(projectMembers)
    .leftJoin(
      secondFactors,
      and(eq(secondFactors.userId, projectMembers.userId), isNotNull(secondFactors.confirmedAt)),
    )
    .where(and(eq(projectMembers.projectId, ctx.project.id), isNull(secondFactors.userId)));
  return row?.count ?? 0;
}
