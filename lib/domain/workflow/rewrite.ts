import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { Db } from "@/db/client";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { withLiveCredentials } from "./get";
import { loadGraph } from "./load-graph";
import { writeWorkflow } from "./write";

export type Rewritten = { id: string; lockVersion: number; snapshotId: string };

/**
 * Changes the present versions of some of the project's workflows in the caller's `write`, each as its next version.
 * Returns those that changed; deleted ones are passed over.
 */
export async function rewriteWorkflows(
  ctx: Context,
  tx: Db,
  ids: readonly string[],
  change: (graph: WorkflowGraph) => WorkflowGraph,
): Promise<Rewritten[]> {
  if (ids.length === 0) return [];
  // In the order in which a save locks them.
  await lockProject(tx, ctx.project.id);
  const rows = await tx
    .select({ id: workflows.id, lockVersion: workflows.lockVersion, snapshotId: workflows.snapshotId })
    .from(workflows)
    .where(
      and(
        eq(workflows.projectId, ctx.project.id),
        inArray(workflows.id, [...ids]),
        isNull(workflows.deletedAt),
      ),
    )
    .orderBy(asc(workflows.id))
    .for("update");
  const mine = { ...ctx, db: tx };
  const written: Rewritten[] = [];
  for (const { id, lockVersion, snapshotId } of rows) {
    if (!snapshotId) continue;
    const loaded = await loadGraph(tx, ctx.project.id, snapshotId);
    const graph = change(await withLiveCredentials(mine, id, loaded.graph));
    const saved = await writeWorkflow(mine, { id, lockVersion, graph, source: "app" });
    if (saved.changed) written.push({ id, lockVersion: saved.lockVersion, snapshotId: saved.snapshotId });
  }
  return written;
}
