import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";

export const deletedWorkflow = z
  .strictObject({ ...named.shape, lockVersion: z.int(), deletedAt: moment })
  .meta({ id: "DeletedWorkflow" });
export type DeletedWorkflow = z.infer<typeof deletedWorkflow>;

/** Returns a page of the workflows that were deleted in the project, the last one first. Each can be restored. */
export async function listDeletedWorkflows(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<DeletedWorkflow>> {
  requirePermission(ctx, "workflow.read");
  const { cursor, limit } = pageInput.parse(input);
  const { id, name, lockVersion, deletedAt } = workflows;
  const rows = await ctx.db
    .select({ id, name, lockVersion, deletedAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.projectId, ctx.project.id),
        isNotNull(deletedAt),
        cursor
          ? sql`(${deletedAt}, ${id}) < (select o.deleted_at, o.id from workflows o
              where o.id = ${cursor} and o.project_id = ${ctx.project.id})`
          : undefined,
      ),
    )
    .orderBy(desc(deletedAt), desc(id))
    .limit(limit + 1);
  const page = toPage(rows, limit);
  const items = page.items.map((row) => ({ ...row, deletedAt: isoOrNull(row.deletedAt) ?? "" }));
  return { ...page, items };
}

export const workflowHead = z.strictObject({
  ...named.shape,
  lockVersion: z.int(),
  deletedAt: moment.nullable(),
});

/** Says what a workflow is called, which its present version is, and whether it was deleted. Throws `not_found`. */
export async function getWorkflowHead(
  ctx: Context,
  input: { id: string },
): Promise<z.infer<typeof workflowHead>> {
  requirePermission(ctx, "workflow.read");
  const { success, data } = z.uuid().safeParse(input.id);
  if (!success) throw notFound("Workflow");
  const { id, name, lockVersion, deletedAt } = workflows;
  const [row] = await ctx.db
    .select({ id, name, lockVersion, deletedAt })
    .from(workflows)
    .where(and(eq(workflows.id, data), eq(workflows.projectId, ctx.project.id)));
  if (!row) throw notFound("Workflow");
  return { ...row, deletedAt: isoOrNull(row.deletedAt) };
}
