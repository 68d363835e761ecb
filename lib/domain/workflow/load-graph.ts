import { and, eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { snapshots } from "@/db/schema";
import { parseExact } from "@/lib/exact-json";
import { notFound } from "@/lib/refusal";
import { completeGraph } from "@/lib/workflow/complete";
import { obeyedOnly } from "@/lib/workflow/obeyed";
import type { WorkflowGraph } from "@/lib/workflow/types";

/** A stored version, from its JSON text: written by us, and its filters in exact decimals. */
export const readGraph = (text: string): WorkflowGraph =>
  completeGraph(parseExact(text) as unknown as WorkflowGraph);

/** What runs of a stored version. */
export const obeyedGraph = (text: string): WorkflowGraph => obeyedOnly(readGraph(text));

/** The text of a stored version: the driver would read its filters as JavaScript's numbers. */
export const graphText = sql<string>`${snapshots.graph}::text`;

export type LoadedGraph = { id: string; workflowId: string; lockVersion: number; graph: WorkflowGraph };

/** Returns one version of a workflow. For the engine and for verbs that have asked for permission. Throws `not_found`. */
export async function loadGraph(db: Db, projectId: string, snapshotId: string): Promise<LoadedGraph> {
  const { id, workflowId, lockVersion } = snapshots;
  const [row] = await db
    .select({ id, workflowId, lockVersion, graph: graphText })
    .from(snapshots)
    .where(and(eq(snapshots.id, snapshotId), eq(snapshots.projectId, projectId)));
  if (!row) throw notFound("This version of the workflow");
  return { ...row, graph: obeyedGraph(row.graph) };
}

/** For pages, whose data has JavaScript's numbers: filters are shown as text. */
export const withoutFilterData = (graph: WorkflowGraph): WorkflowGraph => ({
  ...graph,
  triggers: graph.triggers.map((trigger) => ({ ...trigger, inclusion: null, exclusion: null })),
});
