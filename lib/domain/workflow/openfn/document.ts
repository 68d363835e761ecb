import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { snapshots, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { edgeColumns, triggerColumns } from "@/lib/domain/provision/document";
import { withLiveCredentials } from "@/lib/domain/workflow/get";
import { graphText, obeyedGraph } from "@/lib/domain/workflow/load-graph";
import { invalid, notFound } from "@/lib/refusal";
import { edgeConditions, triggerTypes, webhookReplies } from "@/lib/words";
import type { WorkflowGraph } from "@/lib/workflow/types";

const itemOf = { id: z.uuid(), workflow_id: z.uuid() };

/** A workflow as OpenFn's workflow API has it: everything that its page shows, keys without a value included. */
export const openfnWorkflow = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    project_id: z.uuid(),
    concurrency: z.int().nullable(),
    enable_job_logs: z.boolean(),
    positions: z.record(z.string(), z.strictObject({ x: z.number(), y: z.number() })).nullable(),
    lock_version: z.int(),
    version_history: z.array(z.string()),
    inserted_at: moment,
    updated_at: moment,
    deleted_at: moment.nullable(),
    jobs: z.array(
      z.strictObject({
        ...itemOf,
        name: z.string(),
        body: z.string(),
        adaptor: z.string(),
        project_credential_id: z.uuid().nullable(),
        keychain_credential_id: z.uuid().nullable(),
      }),
    ),
    triggers: z.array(
      z.strictObject({
        ...itemOf,
        type: z.enum(triggerTypes),
        enabled: z.boolean(),
        cron_expression: z.string().nullable(),
        cron_cursor_job_id: z.uuid().nullable(),
        custom_path: z.string().nullable(),
        webhook_reply: z.enum(webhookReplies).nullable(),
        webhook_response_config: z
          .strictObject({ success_code: z.int().exactOptional(), error_code: z.int().exactOptional() })
          .nullable(),
      }),
    ),
    edges: z.array(
      z.strictObject({
        ...itemOf,
        enabled: z.boolean(),
        source_trigger_id: z.uuid().nullable(),
        source_job_id: z.uuid().nullable(),
        target_job_id: z.uuid(),
        condition_type: z.enum(edgeConditions),
        condition_label: z.string().nullable(),
        condition_expression: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "OpenfnWorkflow" });
export type OpenfnWorkflow = z.infer<typeof openfnWorkflow>;

/** What is answered at most together: they come with their code. */
const maxWorkflows = 1_000;

type Row = typeof workflows.$inferSelect;

/**
 * The workflows of some projects, oldest first, as OpenFn's API has them. Throws `invalid` for more than a thousand: then one
 * project is to be named.
 */
export async function listOpenfnWorkflows(ctxs: readonly Context[]): Promise<OpenfnWorkflow[]> {
  for (const ctx of ctxs) requirePermission(ctx, "workflow.read");
  const [first] = ctxs;
  if (!first) return [];
  const found = await first.db
    .select({ workflow: workflows, graph: graphText })
    .from(workflows)
    .innerJoin(
      snapshots,
      and(eq(snapshots.id, workflows.snapshotId), eq(snapshots.projectId, workflows.projectId)),
    )
    .where(
      and(
        // checked: projects of the caller
        inArray(
          workflows.projectId,
          ctxs.map(({ project }) => project.id),
        ),
        isNull(workflows.deletedAt),
      ),
    )
    .orderBy(asc(workflows.createdAt), asc(workflows.id))
    .limit(maxWorkflows + 1);
  if (found.length > maxWorkflows)
    throw invalid(`There are more than ${maxWorkflows} workflows. Name one project (project_id).`);
  const ctxOf = new Map(ctxs.map((ctx) => [ctx.project.id, ctx]));
  return Promise.all(
    found.map(async ({ workflow, graph }) => {
      const ctx = ctxOf.get(workflow.projectId) ?? first;
      return documentOf(workflow, await withLiveCredentials(ctx, workflow.id, obeyedGraph(graph)));
    }),
  );
}

/** One workflow of the projects. Throws `not_found`. */
export async function getOpenfnWorkflow(ctxs: readonly Context[], id: string): Promise<OpenfnWorkflow> {
  const found = await findOpenfnWorkflow(ctxs, id);
  if (!found) throw notFound("The workflow");
  return found.document;
}

/** The same with its graph, or undefined. */
export async function findOpenfnWorkflow(ctxs: readonly Context[], id: string) {
  for (const ctx of ctxs) requirePermission(ctx, "workflow.read");
  const [first] = ctxs;
  if (!first || !z.uuid().safeParse(id).success) return undefined;
  const projectIds = ctxs.map(({ project }) => project.id);
  const [found] = await first.db
    .select({ workflow: workflows, graph: graphText })
    .from(workflows)
    .innerJoin(
      snapshots,
      and(eq(snapshots.id, workflows.snapshotId), eq(snapshots.projectId, workflows.projectId)),
    )
    // checked: projects of the caller
    .where(and(eq(workflows.id, id), inArray(workflows.projectId, projectIds), isNull(workflows.deletedAt)));
  const ctx = ctxs.find(({ project }) => project.id === found?.workflow.projectId);
  if (!found || !ctx) return undefined;
  const graph = await withLiveCredentials(ctx, found.workflow.id, obeyedGraph(found.graph));
  return { document: documentOf(found.workflow, graph), graph };
}

function documentOf(row: Row, graph: WorkflowGraph): OpenfnWorkflow {
  const ofIt = { workflow_id: row.id };
  return {
    id: row.id,
    name: row.name,
    project_id: row.projectId,
    concurrency: graph.concurrency,
    enable_job_logs: graph.jobLogs ?? true,
    positions: graph.positions,
    lock_version: row.lockVersion,
    version_history: row.versionHistory,
    inserted_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    deleted_at: isoOrNull(row.deletedAt),
    jobs: graph.jobs.map((job) => ({
      ...ofIt,
      id: job.id,
      name: job.name,
      body: job.body,
      adaptor: job.adaptor,
      project_credential_id: job.projectCredentialId,
      keychain_credential_id: job.keychainCredentialId,
    })),
    triggers: graph.triggers.map((trigger) => ({
      ...ofIt,
      ...triggerColumns(trigger),
      custom_path: trigger.customPath,
    })),
    edges: graph.edges.map((edge) => ({ ...ofIt, ...edgeColumns(edge) })),
  };
}
