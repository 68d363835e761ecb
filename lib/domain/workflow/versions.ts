import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import { snapshots, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { versionSources } from "@/lib/words";

export const listVersionsInput = pageInput.extend({
  id: z.uuid(),
  /** The number of the last version that was seen. */
  cursor: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
});

export const workflowVersion = z
  .strictObject({
    lockVersion: z.int(),
    snapshotId: z.uuid(),
    createdBy: z.string().nullable(),
    source: z.enum(versionSources).nullable().meta({
      description:
        "A page, a command line, a file that somebody brought, or an older version; null before this was kept.",
    }),
    restoredFrom: z.int().nullable().meta({ description: "The version that it is again." }),
    note: z.string().nullable().meta({ description: "What is new in it, in its author's words." }),
    createdAt: moment,
  })
  .meta({ id: "WorkflowVersion" });
export type WorkflowVersion = z.infer<typeof workflowVersion>;

/** Returns a workflow's versions without their graphs, newest first. Throws `not_found`. */
export async function listWorkflowVersions(
  ctx: Context,
  input: z.input<typeof listVersionsInput>,
): Promise<Page<WorkflowVersion>> {
  requirePermission(ctx, "workflow.read");
  const { id, cursor, limit } = listVersionsInput.parse(input);
  const [workflow] = await ctx.db
    .select({ id: workflows.id })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id)));
  if (!workflow) throw notFound("Workflow");
  const found = await ctx.db
    .select({
      lockVersion: snapshots.lockVersion,
      snapshotId: snapshots.id,
      createdBy: snapshots.createdBy,
      source: snapshots.source,
      restoredFrom: snapshots.restoredFrom,
      note: snapshots.note,
      createdAt: snapshots.createdAt,
    })
    .from(snapshots)
    .where(
      and(
        eq(snapshots.workflowId, id),
        eq(snapshots.projectId, ctx.project.id),
        cursor ? lt(snapshots.lockVersion, cursor) : undefined,
      ),
    )
    .orderBy(desc(snapshots.lockVersion))
    .limit(limit + 1);
  const page = toPageBy(found, limit, (last) => String(last.lockVersion));
  const items = page.items.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  return { items, nextCursor: page.nextCursor };
}
