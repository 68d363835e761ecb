import { and, eq, isNull } from "drizzle-orm";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { type LoadedGraph, loadGraph } from "@/lib/domain/workflow/load-graph";
import { notFound } from "@/lib/refusal";

/** The present version of a workflow. Throws `not_found`. */
export async function savedGraph(ctx: Context, workflowId: string): Promise<LoadedGraph> {
  const [row] = await ctx.db
    .select({ snapshotId: workflows.snapshotId })
    .from(workflows)
    .where(
      and(eq(workflows.id, workflowId), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)),
    );
  if (!row?.snapshotId) throw notFound("The workflow");
  return loadGraph(ctx.db, ctx.project.id, row.snapshotId);
}
