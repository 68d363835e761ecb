import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset, rowByRow } from "@/db/keyset";
import { jobs, steps, workflows, workOrders } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { exitReasons, runStates } from "@/lib/words";
import { isHandled } from "@/lib/workflow/outcome";

/** A job's last execution for any input. `exitReason` null = it is running. Dates are ISO strings. */
export const lastStep = z.strictObject({
  stepId: z.uuid(),
  runId: z.uuid(),
  messageId: z.uuid().nullable(),
  exitReason: z.enum(exitReasons).nullable(),
  handled: z
    .boolean()
    .meta({ description: "It failed, and another step of its run was started because of it." }),
  errorType: z.string().nullable(),
  startedAt: moment,
  finishedAt: moment.nullable(),
});
export type LastStep = z.infer<typeof lastStep>;

/** How a workflow's last work orders ended: at most `recentWorkOrders` are counted, so that it costs the same always. */
export const recentWorkCount = z.strictObject({
  total: z.int(),
  byState: z.partialRecord(z.enum(runStates), z.int()),
  handled: z.int().meta({ description: "How many of the successes are so although a step failed." }),
  lastActivity: moment.nullable(),
});
export type RecentWork = z.infer<typeof recentWorkCount>;

export const recentWorkOrders = 100;

/** Of a workflow that has no work order. */
export const noRecentWork: RecentWork = { total: 0, byState: {}, handled: 0, lastActivity: null };

type Of = Pick<Context, "db" | "project">;

export const jobWithLast = z
  .strictObject({
    ...named.shape,
    adaptor: z.string(),
    lacksAdaptor: z.boolean().meta({ description: "It cannot run until another adaptor is chosen for it." }),
    last: lastStep.nullable(),
  })
  .meta({ id: "JobWithLastStep" });
export type JobWithLast = z.infer<typeof jobWithLast>;

/** Returns per workflow its jobs in the order they were made, each with its last step. */
export async function jobsWithLastStep(
  { db, project }: Of,
  workflowIds: string[],
): Promise<Map<string, JobWithLast[]>> {
  const result = new Map(workflowIds.map((id): [string, JobWithLast[]] => [id, []]));
  if (workflowIds.length === 0) return result;
  const ofJob = keyset([[steps.jobId, jobs.id]], steps.id);
  const last = db
    .select()
    .from(steps)
    .where(and(ofJob.where, rowByRow(eq(steps.projectId, project.id))))
    .orderBy(ofJob.newestFirst)
    .limit(1)
    .as("last");
  const rows = await db
    .select({
      workflowId: jobs.workflowId,
      id: jobs.id,
      name: jobs.name,
      adaptor: jobs.adaptor,
      lacksAdaptor: sql<boolean>`${jobs.adaptorVersion} is null`,
      stepId: last.id,
      runId: last.runId,
      messageId: last.messageId,
      exitReason: last.exitReason,
      handled: last.handled,
      errorType: last.errorType,
      startedAt: last.startedAt,
      finishedAt: last.finishedAt,
    })
    .from(jobs)
    .leftJoinLateral(last, sql`true`)
    .where(and(eq(jobs.projectId, project.id), inArray(jobs.workflowId, workflowIds)))
    .orderBy(jobs.createdAt, jobs.name);
  for (const row of rows) {
    const { workflowId, id, name, adaptor, lacksAdaptor, ...lastOf } = row;
    const { stepId, runId, startedAt, finishedAt, handled, ...step } = lastOf;
    const seen =
      stepId && runId && startedAt
        ? {
            ...step,
            handled: handled === true,
            stepId,
            runId,
            startedAt: startedAt.toISOString(),
            finishedAt: finishedAt?.toISOString() ?? null,
          }
        : null;
    result.get(workflowId)?.push({ id, name, adaptor, lacksAdaptor, last: seen });
  }
  return result;
}

/** Returns per workflow the states of its last work orders. */
export async function recentWork(
  { db, project }: Of,
  workflowIds: string[],
): Promise<Map<string, RecentWork>> {
  const result = new Map(
    workflowIds.map((id): [string, RecentWork] => [id, { ...noRecentWork, byState: {} }]),
  );
  if (workflowIds.length === 0) return result;
  const ofWorkflow = keyset([[workOrders.workflowId, workflows.id]], workOrders.id);
  const recent = db
    .select({
      state: workOrders.state,
      stepFailed: workOrders.stepFailed,
      lastActivity: workOrders.lastActivity,
    })
    .from(workOrders)
    .where(and(ofWorkflow.where, rowByRow(eq(workOrders.projectId, project.id))))
    .orderBy(ofWorkflow.newestFirst)
    .limit(recentWorkOrders)
    .as("recent");
  const rows = await db
    .select({
      id: workflows.id,
      state: recent.state,
      stepFailed: recent.stepFailed,
      count: sql<number>`count(*)::int`,
      lastActivity: sql`max(${recent.lastActivity})`.mapWith(workOrders.lastActivity),
    })
    .from(workflows)
    .innerJoinLateral(recent, sql`true`)
    .where(and(eq(workflows.projectId, project.id), inArray(workflows.id, workflowIds)))
    .groupBy(workflows.id, recent.state, recent.stepFailed);
  for (const { id, state, stepFailed, count, lastActivity } of rows) {
    const work = result.get(id);
    if (!work) continue;
    work.total += count;
    work.byState[state] = (work.byState[state] ?? 0) + count;
    if (isHandled({ state, stepFailed })) work.handled += count;
    const at = lastActivity.toISOString();
    if (work.lastActivity === null || at > work.lastActivity) work.lastActivity = at;
  }
  return result;
}
