import { and, asc, eq, exists, gt, ilike, inArray, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { edges, triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { withoutNul } from "@/lib/text";
import { triggerTypes } from "@/lib/words";
import { jobsWithLastStep, jobWithLast, noRecentWork, recentWork, recentWorkCount } from "./last-states";

export const workflowTrigger = z.strictObject({
  id: z.uuid(),
  type: z.enum(triggerTypes),
  enabled: z.boolean(),
  cronExpression: z.string().nullable(),
  nextRunAt: moment
    .nullable()
    .meta({ description: "When a cron trigger starts a run next; null when it will not." }),
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
    triggers: z.array(workflowTrigger),
    jobs: z.array(jobWithLast),
    recent: recentWorkCount.meta({ description: "Of the last hundred work orders." }),
  })
  .meta({ id: "WorkflowRow" });
export type WorkflowRow = z.infer<typeof workflowRow>;

export const listWorkflowsInput = pageInput.extend({
  /** Part of the name. */
  text: z.string().trim().optional(),
  cursor: z.string().optional(),
});

/** Returns a page of the project's workflows by name, each with its triggers, jobs and how they last went. */
export async function listWorkflows(
  ctx: Context,
  input: z.input<typeof listWorkflowsInput> = {},
): Promise<Page<WorkflowRow>> {
  requirePermission(ctx, "workflow.read");
  const { text, cursor, limit } = listWorkflowsInput.parse(input);
  const { id, name, lockVersion, updatedAt } = workflows;
  const rows = await ctx.db
    .select({ id, name, lockVersion, updatedAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.projectId, ctx.project.id),
        isNull(workflows.deletedAt),
        text ? ilike(workflows.name, containing(text)) : undefined,
        cursor ? gt(workflows.name, decodeCursor(cursor)) : undefined,
      ),
    )
    .orderBy(asc(workflows.name))
    .limit(limit + 1);
  const page = toPageBy(rows, limit, (last) => encodeCursor(last.name));
  const ids = page.items.map((row) => row.id);
  const [triggersOf, jobsOf, recentOf] = await Promise.all([
    triggersByWorkflow(ctx, ids),
    jobsWithLastStep(ctx, ids),
    recentWork(ctx, ids),
  ]);
  const items = page.items.map((row) => ({
    ...row,
    updatedAt: row.updatedAt.toISOString(),
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
  const { id, type, enabled, cronExpression, nextRunAt, workflowId } = triggers;
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
      nextRunAt,
      workflowId,
      leads: sql<boolean>`${exists(leaving)}`,
    })
    .from(triggers)
    .where(and(eq(triggers.projectId, ctx.project.id), inArray(triggers.workflowId, workflowIds)))
    .orderBy(triggers.createdAt, triggers.id);
  for (const { workflowId, nextRunAt, ...trigger } of rows) {
    const seen = { ...trigger, nextRunAt: (trigger.leads && nextRunAt?.toISOString()) || null };
    result.set(workflowId, [...(result.get(workflowId) ?? []), seen]);
  }
  return result;
}

const encodeCursor = (name: string) => Buffer.from(name).toString("base64url");
const decodeCursor = (cursor: string) => withoutNul(Buffer.from(cursor, "base64url").toString());
