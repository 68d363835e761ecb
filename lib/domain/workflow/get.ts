import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { jobs, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { draftMark, draftsByWorkflow } from "@/lib/domain/draft/by-workflow";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { follower, followersOf } from "./following";
import { workflowGraph } from "./graph-schema";
import { jobsWithLastStep, jobWithLast, noRecentWork, recentWork, recentWorkCount } from "./last-states";
import { triggersByWorkflow, workflowTrigger } from "./list";
import { loadGraph } from "./load-graph";

/** A workflow as its page shows it. Dates are ISO strings. */
export const workflowDetail = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    lockVersion: z.int(),
    snapshotId: z.uuid(),
    createdAt: moment,
    updatedAt: moment,
    versionHistory: z.array(z.string()),
    pausedAt: moment.nullable().meta({ description: "Since when its runs are kept; null while they start." }),
    archivedAt: moment
      .nullable()
      .meta({ description: "Since when it is put away; null while it is in use." }),
    drafts: z
      .array(draftMark)
      .meta({ description: "Who has changes of it that are not saved as a version." }),
    /** As it would run now, but for credentials and keychains that are gone since: those are null. */
    graph: workflowGraph,
    triggers: z.array(workflowTrigger),
    jobs: z.array(jobWithLast),
    followers: z.array(follower).meta({
      description: "Triggers of other workflows that start those when a job of this one has ended.",
    }),
    recent: recentWorkCount,
  })
  .meta({ id: "WorkflowDetail" });
export type WorkflowDetail = z.infer<typeof workflowDetail>;

/** Returns one workflow of the project with its current graph and how its jobs last went. Throws `not_found`. */
export async function getWorkflow(ctx: Context, input: { id: string }): Promise<WorkflowDetail> {
  requirePermission(ctx, "workflow.read");
  const { success, data: id } = z.uuid().safeParse(input.id);
  if (!success) throw notFound("Workflow");
  const [row] = await ctx.db
    .select()
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)));
  if (!row?.snapshotId) throw notFound("Workflow");
  const [{ graph }, triggers, jobsOf, recent, followers, drafts] = await Promise.all([
    loadGraph(ctx.db, ctx.project.id, row.snapshotId),
    triggersByWorkflow(ctx, [id]),
    jobsWithLastStep(ctx, [id]),
    recentWork(ctx, [id]),
    followersOf(ctx, id),
    draftsByWorkflow(ctx, [id]),
  ]);
  return {
    id: row.id,
    name: row.name,
    lockVersion: row.lockVersion,
    snapshotId: row.snapshotId,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    versionHistory: row.versionHistory,
    pausedAt: isoOrNull(row.pausedAt),
    archivedAt: isoOrNull(row.archivedAt),
    drafts: drafts.get(row.id) ?? [],
    graph: await withLiveCredentials(ctx, row.id, graph),
    triggers: triggers.get(row.id) ?? [],
    jobs: jobsOf.get(row.id) ?? [],
    followers,
    recent: recent.get(row.id) ?? noRecentWork,
  };
}

/** Returns the graph with the credentials and keychains that its jobs have now: null for those that are gone. */
export async function withLiveCredentials(
  ctx: Context,
  workflowId: string,
  graph: WorkflowGraph,
): Promise<WorkflowGraph> {
  const rows = await ctx.db
    .select({ id: jobs.id, ...choiceOfJob })
    .from(jobs)
    .where(and(eq(jobs.workflowId, workflowId), eq(jobs.projectId, ctx.project.id)));
  const live = new Map(rows.map(({ id, ...choice }) => [id, choice]));
  return { ...graph, jobs: graph.jobs.map((job) => ({ ...job, ...(live.get(job.id) ?? noChoice) })) };
}

const choiceOfJob = {
  projectCredentialId: jobs.projectCredentialId,
  keychainCredentialId: jobs.keychainCredentialId,
};
const noChoice = { projectCredentialId: null, keychainCredentialId: null };
