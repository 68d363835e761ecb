import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { snapshots, workflows } from "@/db/schema";
import type { TextDifference } from "@/lib/difference/lines";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { differenceOfGraphs, type GraphDifference, type Names } from "@/lib/workflow/difference";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { loadGraph } from "./load-graph";

export const versionNumber = z.coerce.number().int().min(1).max(2_147_483_647);

/** Versions by their numbers. Without `to` the present one, without `from` the one before that. */
export const workflowDifferenceInput = z.strictObject({
  id: z.uuid(),
  from: versionNumber.optional(),
  to: versionNumber.optional(),
});

const fieldChange = z.strictObject({
  field: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

/** What tells two texts apart, as it is answered. */
export const textDifference: z.ZodType<TextDifference> = z
  .strictObject({
    removed: z.int(),
    added: z.int(),
    hunks: z
      .array(
        z.array(
          z.strictObject({
            kind: z.enum(["kept", "removed", "added"]),
            old: z.int().nullable(),
            new: z.int().nullable(),
            text: z.string(),
            isUnended: z.literal(true).exactOptional(),
          }),
        ),
      )
      .meta({ description: "Changed lines with three around, a group for each place. Lines count from 1." }),
    isShortened: z.boolean().meta({ description: "Lines were left out, cut, or not compared one by one." }),
  })
  .meta({ id: "TextDifference" });

const itemDifference = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  change: z.enum(["added", "removed", "changed"]),
  fields: z.array(fieldChange),
  code: textDifference.nullable(),
});

export const graphDifference: z.ZodType<GraphDifference> = z.strictObject({
  workflow: z.array(fieldChange),
  triggers: z.array(itemDifference),
  jobs: z.array(itemDifference),
  edges: z.array(itemDifference),
  isShortened: z.boolean(),
});

export const workflowDifference = z
  .strictObject({
    workflowId: z.uuid(),
    workflowName: z.string(),
    from: z.int(),
    to: z.int(),
    difference: graphDifference.meta({
      description: "Empty lists: both do the same. Where nodes stand in the picture does not count.",
    }),
  })
  .meta({ id: "WorkflowDifference" });
export type WorkflowDifference = z.infer<typeof workflowDifference>;

/** Says what tells two versions of a workflow apart, of a deleted one too. Throws `not_found`. */
export async function getWorkflowDifference(
  ctx: Context,
  input: z.input<typeof workflowDifferenceInput>,
): Promise<WorkflowDifference> {
  requirePermission(ctx, "workflow.read");
  const { id, from, to } = workflowDifferenceInput.parse(input);
  const [workflow] = await ctx.db
    .select({ name: workflows.name, lockVersion: workflows.lockVersion })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id)));
  if (!workflow) throw notFound("Workflow");
  const newer = to ?? workflow.lockVersion;
  const older = from ?? Math.max(1, newer - 1);
  const [before, after] = await Promise.all([graphAt(ctx, id, older), graphAt(ctx, id, newer)]);
  const names = await namesOf(ctx, [before, after]);
  return {
    workflowId: id,
    workflowName: workflow.name,
    from: older,
    to: newer,
    difference: differenceOfGraphs(before, after, names),
  };
}

/** Returns one version of a workflow by its number, of a deleted one too. Throws `not_found`. */
export async function graphAt(ctx: Context, workflowId: string, lockVersion: number): Promise<WorkflowGraph> {
  const [row] = await ctx.db
    .select({ id: snapshots.id })
    .from(snapshots)
    .where(
      and(
        eq(snapshots.workflowId, workflowId),
        eq(snapshots.projectId, ctx.project.id),
        eq(snapshots.lockVersion, lockVersion),
      ),
    );
  if (!row) throw notFound(`Version ${lockVersion} of this workflow`);
  return (await loadGraph(ctx.db, ctx.project.id, row.id)).graph;
}

/** What the graphs' ids stand for, as far as it is the project's. */
export async function namesOf(ctx: Context, graphs: WorkflowGraph[]): Promise<Names> {
  const ofJobs = graphs.flatMap(({ jobs }) =>
    jobs.flatMap((job) =>
      [job.projectCredentialId ?? [], job.keychainCredentialId ?? [], job.libraryJobId ?? []].flat(),
    ),
  );
  const ofTriggers = graphs.flatMap(({ triggers }) =>
    triggers.flatMap((trigger) => trigger.sourceJobId ?? []),
  );
  const ids = [...new Set([...ofJobs, ...ofTriggers])];
  if (ids.length === 0) return new Map();
  const found = await rows<{ id: string; name: string }>(
    ctx.db,
    sql`select l.id, c.name from project_credentials l join credentials c on c.id = l.credential_id
        where l.project_id = ${ctx.project.id} and l.id = any(${sql.param(ids)}::uuid[])
        union all
        select id, name from keychain_credentials where project_id = ${ctx.project.id} and id = any(${sql.param(ids)}::uuid[])
        union all
        select id, name from library_jobs where project_id = ${ctx.project.id} and id = any(${sql.param(ids)}::uuid[])
        union all
        select j.id, w.name || ': ' || j.name from jobs j join workflows w on w.id = j.workflow_id
        where j.project_id = ${ctx.project.id} and j.id = any(${sql.param(ids)}::uuid[])`,
  );
  return new Map(found.map(({ id, name }) => [id, name]));
}
