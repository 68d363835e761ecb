import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { projectMembers, users } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { roles } from "@/lib/words";

/** `id` is the user's. */
export const memberSummary = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(roles),
    since: moment,
  })
  .meta({ id: "Member" });
export type MemberSummary = z.infer<typeof memberSummary>;

/** The project's collaborators, oldest account first. */
export async function listMembers(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<MemberSummary>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: projectMembers.role,
      since: projectMembers.createdAt,
    })
    .from(projectMembers)
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .where(and(eq(projectMembers.projectId, ctx.project.id), ...(cursor ? [gt(users.id, cursor)] : [])))
    .orderBy(asc(users.id))
    .limit(limit + 1);
  return toPage(
    found.map((row) => ({ ...row, since: iso(row.since) })),
    limit,
  );
}
