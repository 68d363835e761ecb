import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { drafts, projectMembers, users } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";

/** That somebody changes a workflow just now, without what they change. */
export const draftMark = z
  .strictObject({
    name: z.string().meta({ description: "Of the member whose draft it is." }),
    isMine: z.boolean(),
    updatedAt: moment,
  })
  .meta({ id: "DraftMark" });
export type DraftMark = z.infer<typeof draftMark>;

/** Returns who has a draft of which workflow of the project, one's own first. For verbs that have asked for permission. */
export async function draftsByWorkflow(
  ctx: Context,
  workflowIds: string[],
): Promise<Map<string, DraftMark[]>> {
  const result = new Map<string, DraftMark[]>();
  if (workflowIds.length === 0) return result;
  const me = actorUserId(ctx.actor);
  const { workflowId, userId, updatedAt } = drafts;
  const rows = await ctx.db
    .select({ workflowId, userId, updatedAt, name: sql<string>`coalesce(${users.name}, ${users.email})` })
    .from(drafts)
    .innerJoin(users, eq(users.id, drafts.userId))
    .innerJoin(
      projectMembers,
      and(eq(projectMembers.projectId, drafts.projectId), eq(projectMembers.userId, drafts.userId)),
    )
    .where(and(eq(drafts.projectId, ctx.project.id), inArray(drafts.workflowId, workflowIds)))
    .orderBy(asc(drafts.updatedAt));
  for (const row of rows) {
    const mark = { name: row.name, isMine: row.userId === me, updatedAt: row.updatedAt.toISOString() };
    const before = result.get(row.workflowId) ?? [];
    result.set(row.workflowId, mark.isMine ? [mark, ...before] : [...before, mark]);
  }
  return result;
}
