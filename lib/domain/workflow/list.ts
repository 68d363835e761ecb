import { and, asc, eq, exists, gt, ilike, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { isoOrNull } from "@/db/rows";
import { edges, triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { draftMark, draftsByWorkflow } from "@/lib/domain/draft/by-workflow";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { withoutNul } from "@/lib/text";
import { type TickWord, tickWords, triggerTypes, whenRunningWords } from "@/lib/words";
import { cronProblem, nextFires } from "@/lib/workflow/cron";
import { timeZoneProblem } from "@/lib/workflow/time-zone";
import { jobPlace } from "./following";
import { jobsWithLastStep, jobWithLast, noRecentWork, recentWork, recentWorkCount } from "./last-states";

export const workflowTrigger = z.strictObject({
  id: z.uuid(),
  type: z.enum(triggerTypes),
  enabled: z.boolean(),
  cronExpression: z.string().nullable(),
  timeZone: z
    .string()
    .nullable()
    .meta({ description: "The one that its cron expression is in; null = UTC." }),
  whenRunning: z.enum(whenRunningWords).nullable().meta({
    description:
      "At a time at which the run before is under way: it waits for its end (queue, null), or is skipped.",
  }),
  nextRunAt: moment.nullable().meta({
    description:
      "When a cron trigger starts a run next; null when it will not. In the past: it waits for the run before.",
  }),
  nextRuns: z.array(moment).meta({ description: "The next five times after now." }),
  lastTick: z
    .strictObject({
      outcome: z.enum(tickWords),
      dueAt: moment,
      at: moment,
      missed: z.int().meta({
        description: "How many more times had passed by then, at most 1,000: one run made up for all.",
      }),
    })
    .nullable()
    .meta({ description: "What came of a cron trigger's last time." }),
  source: jobPlace.nullable().meta({ description: "The job that a trigger of type flow or catch follows." }),
  leads: z.boolean().meta({
    description: "An enabled edge leaves it. A cron trigger without one starts nothing.",
  }),
});
export type WorkflowTrigger = z.infer<typeof workflowTrigger>;

/** One row of the workflows page. Dates are ISO strings. */
export const workflowRow = z
  .strictObject({
    ...named.shape,
    lockVersion: z.int(),
    updatedAt: moment,
    pausedAt: moment.nullable().meta({ description: "Since when its runs are kept; null while they start." }),
    archivedAt: moment
      .nullable()
      .meta({ description: "Since when it is put away; null while it is in use." }),
    drafts: z
      .array(draftMark)
      .meta({ description: "Who has changes of it that are not saved as a version." }),
    triggers: z.array(workflowTrigger),
    jobs: z.array(jobWithLast),
    recent: recentWorkCount.meta({ description: "Of the last hundred work orders." }),
  })
  .meta({ id: "WorkflowRow" });
export type WorkflowRow = z.infer<typeof workflowRow>;

export const listWorkflowsInput = pageInput.extend({
  /** Part of the name. */
  text: z.string().trim().optional(),
  archived: z.enum(["true", "false"]).optional().meta({
    description: "true: those that are put away, false: those that are not. Left out: both.",
  }),
  cursor: z.string().optional(),
});

/** Returns a page of the project's workflows by name, each with its triggers, jobs and how they last went. */
export async function listWorkflows(
  ctx: Context,
  input: z.input<typeof listWorkflowsInput> = {},
): Promise<Page<WorkflowRow>> {
  requirePermission(ctx, "workflow.read");
  const { text, archived, cursor, limit } = listWorkflowsInput.parse(input);
  const { id, name, lockVersion, updatedAt, pausedAt, archivedAt } = workflows;
  const rows = await ctx.db
    .select({ id, name, lockVersion, updatedAt, pausedAt, archivedAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.projectId, ctx.project.id),
        isNull(workflows.deletedAt),
        archived === "true" ? isNotNull(archivedAt) : undefined,
        archived === "false" ? isNull(archivedAt) : undefined,
        text ? ilike(workflows.name, containing(text)) : undefined,
        cursor ? gt(workflows.name, decodeCursor(cursor)) : undefined,
      ),
    )
    .orderBy(asc(workflows.name))
    .limit(limit + 1);
  const page = toPageBy(rows, limit, (last) => encodeCursor(last.name));
  const ids = page.items.map((row) => row.id);
  const [triggersOf, jobsOf, recentOf, draftsOf] = await Promise.all([
    triggersByWorkflow(ctx, ids),
    jobsWithLastStep(ctx, ids),
    recentWork(ctx, ids),
    draftsByWorkflow(ctx, ids),
  ]);
  const items = page.items.map((row) => ({
    ...row,
    updatedAt: row.updatedAt.toISOString(),
    pausedAt: isoOrNull(row.pausedAt),
    archivedAt: isoOrNull(row.archivedAt),
    drafts: draftsOf.get(row.id) ?? [],
    triggers: triggersOf.get(row.id) ?? [],
    jobs: jobsOf.get(row.id) ?? [],
    recent: recentOf.get(row.id) ?? noRecentWork,
  }));
  return { items, nextCursor: page.nextCursor };
}

/** Returns the triggers of some of the project's workflows, in the order they were made. */
export async function triggersByWorkflow(
  ctx: Context,
  workflowIds: string[],
): Promise<Map<string, WorkflowTrigger[]>> {
  const result = new Map<string, WorkflowTrigger[]>();
  if (workflowIds.length === 0) return result;
  const { id, type, enabled, cronExpression, timeZone, whenRunning, nextRunAt, workflowId } = triggers;
  const { lastTick, lastDueAt, lastTickAt, lastMissed } = triggers;
  const leaving = ctx.db
    .select({ id: edges.id })
    .from(edges)
    .where(
      and(
        eq(edges.projectId, triggers.projectId),
        eq(edges.workflowId, triggers.workflowId),
        eq(edges.sourceTriggerId, triggers.id),
        edges.enabled,
      ),
    );
  const rows = await ctx.db
    .select({
      id,
      type,
      enabled,
      cronExpression,
      timeZone,
      whenRunning,
      nextRunAt,
      last: { outcome: lastTick, dueAt: lastDueAt, at: lastTickAt, missed: lastMissed },
      workflowId,
      source: sql<WorkflowTrigger["source"]>`(
        select jsonb_build_object('jobId', j.id, 'jobName', j.name, 'workflowId', w.id, 'workflowName', w.name)
        from jobs j join workflows w on w.id = j.workflow_id and w.project_id = j.project_id and w.deleted_at is null
        where j.id = triggers.source_job_id and j.project_id = triggers.project_id)`,
      leads: sql<boolean>`${exists(leaving)}`,
    })
    .from(triggers)
    .where(and(eq(triggers.projectId, ctx.project.id), inArray(triggers.workflowId, workflowIds)))
    .orderBy(triggers.createdAt, triggers.id);
  const now = new Date();
  for (const { workflowId, nextRunAt, last, ...trigger } of rows) {
    const isOn = trigger.leads && nextRunAt !== null;
    const seen = {
      ...trigger,
      nextRunAt: isOn ? nextRunAt.toISOString() : null,
      nextRuns: isOn ? nextTimes(trigger, now) : [],
      lastTick: tickOf(last),
    };
    result.set(workflowId, [...(result.get(workflowId) ?? []), seen]);
  }
  return result;
}

/** Shown of a schedule. */
const shownTimes = 5;

function nextTimes(
  { cronExpression, timeZone }: Pick<WorkflowTrigger, "cronExpression" | "timeZone">,
  now: Date,
) {
  if (!cronExpression || cronProblem(cronExpression) || (timeZone && timeZoneProblem(timeZone))) return [];
  return nextFires({ cronExpression, timeZone }, now, shownTimes).map((at) => at.toISOString());
}

type Tick = { outcome: TickWord | null; dueAt: Date | null; at: Date | null; missed: number | null };

const tickOf = ({ outcome, dueAt, at, missed }: Tick): WorkflowTrigger["lastTick"] =>
  outcome && dueAt && at
    ? { outcome, dueAt: dueAt.toISOString(), at: at.toISOString(), missed: missed ?? 0 }
    : null;

const encodeCursor = (name: string) => Buffer.from(name).toString("base64url");
const decodeCursor = (cursor: string) => withoutNul(Buffer.from(cursor, "base64url").toString());
