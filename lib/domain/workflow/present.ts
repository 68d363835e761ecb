import { and, eq, isNull } from "drizzle-orm";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { conflict, notFound } from "@/lib/refusal";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { withLiveCredentials } from "./get";
import { loadGraph } from "./load-graph";

export type PresentWorkflow = {
  name: string;
  lockVersion: number;
  archivedAt: Date | null;
  graph: WorkflowGraph;
};

/**
 * Returns a workflow as it is now, with the credentials and keychains that its jobs have. For verbs that have asked for
 * permission; whoever writes what comes of it names `lockVersion`. Throws `not_found`.
 */
export async function presentWorkflow(ctx: Context, id: string): Promise<PresentWorkflow> {
  const { name, lockVersion, archivedAt, snapshotId } = workflows;
  const [row] = await ctx.db
    .select({ name, lockVersion, archivedAt, snapshotId })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)));
  if (!row?.snapshotId) throw notFound("Workflow");
  const loaded = await loadGraph(ctx.db, ctx.project.id, row.snapshotId);
  const graph = await withLiveCredentials(ctx, id, loaded.graph);
  return { name: row.name, lockVersion: row.lockVersion, archivedAt: row.archivedAt, graph };
}

/** Throws `conflict`, with the version that it is now, when a workflow is another one than was seen. */
export function refuseOther({ name, lockVersion }: PresentWorkflow, seen: number): void {
  if (lockVersion === seen) return;
  throw conflict(
    `"${name}" was changed by somebody else since you opened it. Load it again, then repeat your change.`,
    { lockVersion },
  );
}
