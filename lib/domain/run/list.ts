import { sql } from "drizzle-orm";
import { z } from "zod";
import { type IdRange, type Keyset, type KeysetScope, keyset, rowByRow } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { idRange } from "@/lib/domain/id-range";
import { type Page, timelinePageInput, timeRange, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { runStates } from "@/lib/words";
import type { RunRow } from "./types";

/** The activity history's filter, as it stands in the URL. */
export const runFilter = timeRange.extend({
  state: z.enum(runStates).optional(),
  workflow: z.uuid().optional(),
});
export type RunFilter = z.infer<typeof runFilter>;
export const listRunsInput = runFilter.extend(timelinePageInput.shape);

type Row = Omit<RunRow, "createdAt" | "startedAt" | "finishedAt" | "steps"> & {
  createdAt: Date | string;
  startedAt: Date | string | null;
  finishedAt: Date | string | null;
};

/** All runs of the project, newest first. */
export async function listRuns(ctx: Context, input: z.input<typeof listRunsInput>): Promise<Page<RunRow>> {
  requirePermission(ctx, "run.read");
  const { limit, state, workflow, ...times } = listRunsInput.parse(input);
  const { where, newestFirst } = pageOf(ctx, { state, workflow }, idRange(times));
  const found = await rows<Row>(
    ctx.db,
    sql`${selectRuns} where ${where} order by ${newestFirst} limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  const steps = await briefSteps(
    ctx,
    items.map((run) => run.id),
  );
  return { items: items.map((run) => withSteps(run, steps.get(run.id) ?? [])), nextCursor };
}

/** The page's runs in the order of an index: the workflow's, the state's, or else the project's. */
function pageOf(
  { project: { id: project } }: Context,
  { state, workflow }: Pick<RunFilter, "state" | "workflow">,
  range: IdRange,
): Pick<Keyset, "where" | "newestFirst"> {
  const id = sql`r.id`;
  if (workflow && state) {
    // No index has both: whichever PostgreSQL finds shorter.
    const { where } = keyset([], id, range);
    const both = sql`r.project_id = ${project} and r.workflow_id = ${workflow} and r.state = ${state}`;
    return { where: sql`${both} and ${where}`, newestFirst: sql`r.id desc` };
  }
  if (workflow) {
    const { where, newestFirst } = keyset([[sql`r.workflow_id`, workflow]], id, range);
    return { where: sql`${where} and ${rowByRow(sql`r.project_id = ${project}`)}`, newestFirst };
  }
  const scope: KeysetScope = [[sql`r.project_id`, project]];
  return keyset(state ? [...scope, [sql`r.state`, state]] : scope, id, range);
}

/** Columns of a run's row, for the list and the run page. */
export const selectRuns = sql`select r.id, r.state, r.workflow_id as "workflowId", coalesce(w.name, '') as "workflowName", r.work_order_id as "workOrderId",
    r.message_id as "messageId", r.priority, r.error_type as "errorType", r.error_message as "errorMessage",
    r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt"
  from runs r left join workflows w on w.id = r.workflow_id and w.project_id = r.project_id`;

export const withSteps = (run: Row, steps: RunRow["steps"]): RunRow => ({
  ...run,
  createdAt: iso(run.createdAt),
  startedAt: isoOrNull(run.startedAt),
  finishedAt: isoOrNull(run.finishedAt),
  steps,
});

export async function briefSteps(ctx: Context, runIds: string[]): Promise<Map<string, RunRow["steps"]>> {
  const steps = new Map<string, RunRow["steps"]>();
  if (runIds.length === 0) return steps;
  const found = await rows<RunRow["steps"][number] & { runId: string }>(
    ctx.db,
    sql`select run_id as "runId", id, job_id as "jobId", job_name as "jobName", exit_reason as "exitReason" from steps
        where project_id = ${ctx.project.id} and run_id = any(${sql.param(runIds)}::uuid[]) order by run_id, ordinal`,
  );
  for (const { runId, ...step } of found) steps.set(runId, [...(steps.get(runId) ?? []), step]);
  return steps;
}
