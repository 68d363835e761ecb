import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { readDraft } from "@/lib/domain/draft/get";
import { personOf } from "@/lib/domain/draft/owner";
import type { DraftGraph } from "@/lib/editor/graph";
import { notFound } from "@/lib/refusal";

/** The caller's draft of a workflow, as far as tests need it. */
export type OwnDraft = {
  id: string;
  workflowId: string;
  revision: number;
  testId: string;
  graph: DraftGraph;
  isPaused: boolean;
  /** Hosts that the project allows; null = any public one. */
  onlyHosts: string[] | null;
};

/** Throws `not_found` when there is none, and `forbidden` for a repository's token. `hold`: until the transaction ends. */
export async function ownDraft(ctx: Context, db: Db, workflowId: string, hold = false): Promise<OwnDraft> {
  const lock: SQL = hold ? sql`for update of d` : sql``;
  const [row] = await rows<Omit<OwnDraft, "graph"> & { graph: string }>(
    db,
    sql`select d.id, d.workflow_id as "workflowId", d.revision, d.test_id as "testId", d.graph::text as graph,
          coalesce(w.paused_at, p.paused_at) is not null as "isPaused", p.egress_allow as "onlyHosts"
        from drafts d join workflows w on w.id = d.workflow_id and w.deleted_at is null
        join projects p on p.id = d.project_id
        where d.workflow_id = ${workflowId}::uuid and d.user_id = ${personOf(ctx)}::uuid and d.project_id = ${ctx.project.id}::uuid ${lock}`,
  );
  if (!row) throw notFound("Your draft of this workflow");
  return { ...row, graph: readDraft(row.graph) };
}
