import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { snapshots } from "@/db/schema";
import { notFound } from "@/lib/refusal";
import { obeyedOnly } from "@/lib/workflow/obeyed";
import type { WorkflowGraph } from "@/lib/workflow/types";

export type LoadedGraph = { id: string; workflowId: string; lockVersion: number; graph: WorkflowGraph };

/** Returns one version of a workflow. For the engine and for verbs that have asked for permission. Throws `not_found`. */
export async function loadGraph(db: Db, projectId: string, snapshotId: string): Promise<LoadedGraph> {
  const { id, workflowId, lockVersion, graph } = snapshots;
  const [row] = await db
    .select({ id, workflowId, lockVersion, graph })
    .from(snapshots)
    .where(and(eq(snapshots.id, snapshotId), eq(snapshots.projectId, projectId)));
  if (!row) throw notFound("This version of the workflow");
  return { ...row, graph: obeyedOnly(row.graph) };
}
