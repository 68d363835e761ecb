import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type IdRange, type Keyset, type KeysetScope, keyset, rowByRow } from "@/db/keyset";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { idRange } from "@/lib/domain/id-range";
import { maskFor } from "@/lib/domain/mask/mask";
import type { Veil } from "@/lib/domain/mask/veil";
import { searchText } from "@/lib/domain/message/filter";
import { type Page, timelinePageInput, timeRange, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { runFilterStates } from "@/lib/words";
import { isHandled, runIsIn, runSetInfo, runSetOf } from "@/lib/workflow/outcome";
import { searchRuns } from "./search";
import { needsAttention } from "./steps";
import type { RunRow } from "./types";

/** The activity history's filter, as it stands in the URL. */
export const runFilter = timeRange.extend({
  state: z
    .enum(runFilterStates)
    .optional()
    .meta({
      description: `A state, or a set: ${Object.entries(runSetInfo)
        .map(([set, { meaning }]) => `\`${set}\`: ${meaning}`)
        .join(" ")}`,
    }),
  workflow: z.uuid().optional(),
  bulk: z.uuid().optional().meta({ description: "The bulk act that queued them." }),
  text: searchText.optional(),
});
export type RunFilter = z.infer<typeof runFilter>;
export const listRunsInput = runFilter.extend(timelinePageInput.shape);

type Row = Omit<
  RunRow,
  "createdAt" | "startedAt" | "finishedAt" | "steps" | "stepTotal" | "handled" | "excerpt"
> & {
  stepFailed: boolean;
  createdAt: Date | string;
  startedAt: Date | string | null;
  finishedAt: Date | string | null;
};

/**
 * All runs of the project, newest first, and among them the work orders that its plan keeps from running: they have no run
 * yet, so their id is the work order's. A text search reads a bounded number of them a call, with their inputs and logs:
 * a page may be short, or empty, and still have a `nextCursor` that continues the search. Throws `limit` when too many
 * searches of the project run.
 */
export async function listRuns(ctx: Context, input: z.input<typeof listRunsInput>): Promise<Page<RunRow>> {
  requirePermission(ctx, "run.read");
  const { limit, state, workflow, bulk, text, ...times } = listRunsInput.parse(input);
  const page = runPage(ctx, { state, workflow, bulk }, idRange(times));
  if (text) {
    requirePermission(ctx, "message.read");
    return foundRuns(ctx, page, text, limit);
  }
  const runs = sql`${selectRuns} where ${page.where} order by ${page.newestFirst} limit ${limit + 1}`;
  const rejected = bulk ? null : rejectedOf(ctx, { state, workflow }, idRange(times), limit + 1);
  const found = await rows<Row>(
    ctx.db,
    rejected
      ? sql`select * from ((${runs}) union all (${rejected})) listed order by id desc limit ${limit + 1}`
      : runs,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: await runRows(ctx, items), nextCursor };
}

export type RunPage = Pick<Keyset, "where" | "newestFirst" | "oldestFirst">;

async function foundRuns(
  ctx: Context,
  { where, newestFirst }: RunPage,
  text: string,
  limit: number,
): Promise<Page<RunRow>> {
  const scopeOf = (most: number) =>
    sql`select r.id from runs r where ${where} order by ${newestFirst} limit ${most}`;
  const search = () => searchRuns(ctx, { text, limit, scopeOf });
  const { hits, nextCursor } = await heavyRead(ctx.project.id, search);
  const items = await runsByIds(ctx, [...hits.keys()]);
  return { items: items.map((run) => ({ ...run, ...hits.get(run.id) })), nextCursor };
}

/** Some of the project's runs, newest first, as the history shows them. */
export async function runsByIds(ctx: Context, ids: string[]): Promise<RunRow[]> {
  requirePermission(ctx, "run.read");
  const found = await rows<Row>(
    ctx.db,
    sql`${selectRuns} where r.project_id = ${ctx.project.id} and r.id = any(${sql.param(ids)}::uuid[]) order by r.id desc`,
  );
  return runRows(ctx, found);
}

async function runRows(ctx: Context, items: Row[]): Promise<RunRow[]> {
  const [steps, mask] = await Promise.all([
    briefSteps(
      ctx,
      items.map((run) => run.id),
    ),
    maskFor(ctx),
  ]);
  const listed = items.map((run) => withSteps(run, steps.get(run.id)));
  if (!mask) return listed;
  const veilOf = await mask.veils(listed.filter(saysSomething));
  return listed.map((run) => (saysSomething(run) ? veiledRun(veilOf(run), run) : run));
}

const saysSomething = ({ errorType, errorMessage, orderKey }: RunRow): boolean =>
  errorType !== null || errorMessage !== null || orderKey !== null;

/** A run's row behind a veil. */
export const veiledRun = (veil: Veil, run: RunRow): RunRow => ({
  ...run,
  errorType: veil.textOrNull(run.errorType),
  errorMessage: veil.textOrNull(run.errorMessage),
  orderKey: veil.key(run.orderKey),
});

/** A page's runs, and their order, from one index: the set's, the workflow's, the state's, or else the project's. */
export function runPage(
  { project: { id: project } }: Pick<Context, "project">,
  { state, workflow, bulk }: Pick<RunFilter, "state" | "workflow" | "bulk">,
  range: IdRange,
): RunPage {
  const id = sql`r.id`;
  const set = state ? runSetOf(state) : null;
  const inSet = set ? sql.raw(runSetInfo[set].sql((column) => `r.${column}`)) : null;
  const ofProject = sql`and ${rowByRow(sql`r.project_id = ${project}`)}`;
  if (bulk) {
    const inState = inSet ?? (state ? sql`r.state = ${state}` : sql`true`);
    const ofWorkflow = workflow ? sql`r.workflow_id = ${workflow}` : sql`true`;
    const page = byId(keyset([], id, range).where);
    return {
      ...page,
      where: sql`r.bulk_act_id = ${bulk} and ${page.where} ${ofProject} and ${rowByRow(sql`${inState} and ${ofWorkflow}`)}`,
    };
  }
  if (inSet) {
    const scope: KeysetScope = [workflow ? [sql`r.workflow_id`, workflow] : [sql`r.project_id`, project]];
    const page = keyset(scope, id, range);
    return { ...page, where: sql`${page.where} and ${inSet} ${workflow ? ofProject : sql``}` };
  }
  if (workflow && state) {
    // No index has both: whichever PostgreSQL finds shorter.
    const both = sql`r.project_id = ${project} and r.workflow_id = ${workflow} and r.state = ${state}`;
    return byId(sql`${both} and ${keyset([], id, range).where}`);
  }
  if (workflow) {
    const page = keyset([[sql`r.workflow_id`, workflow]], id, range);
    return { ...page, where: sql`${page.where} ${ofProject}` };
  }
  const scope: KeysetScope = [[sql`r.project_id`, project]];
  return keyset(state ? [...scope, [sql`r.state`, state]] : scope, id, range);
}

const byId = (where: SQL): RunPage => ({ where, newestFirst: sql`r.id desc`, oldestFirst: sql`r.id` });

/** A page of the work orders that the plan keeps from running, with a run's columns; null where the filter has none of them. */
function rejectedOf(
  { project: { id: project } }: Context,
  { state, workflow }: Pick<RunFilter, "state" | "workflow">,
  range: IdRange,
  limit: number,
): SQL | null {
  if (state && !runIsIn(state, { state: "rejected", stepFailed: false })) return null;
  const ofProject = keyset(
    [workflow ? [sql`o.workflow_id`, workflow] : [sql`o.project_id`, project]],
    sql`o.id`,
    range,
  );
  return sql`select o.id, o.state, o.step_failed, o.workflow_id, coalesce(w.name, ''), o.id, o.message_id, 'normal', null::text, null::text, null, null, o.created_at,
      null::timestamptz, null::timestamptz
    from work_orders o left join workflows w on w.id = o.workflow_id and w.project_id = o.project_id
    where ${ofProject.where} and o.listed_state = 'rejected' and ${rowByRow(sql`o.project_id = ${project}`)}
    order by ${ofProject.newestFirst} limit ${limit}`;
}

/** Who was kept by a pause that is over and stands in a line waits for its turn; its row says so once that has come. Of `r`, and its workflow `w`. */
export const waitsFor = sql.raw(`case when r.state <> 'pending' then null
    when r.waits_for = 'resume' and r.order_key is not null and w.paused_at is null
      and (select p.paused_at from projects p where p.id = r.project_id) is null then 'turn'
    else r.waits_for end`);

/** Columns of a run's row, for the list and the run page. */
export const selectRuns = sql`select r.id, r.state, r.step_failed as "stepFailed", r.workflow_id as "workflowId", coalesce(w.name, '') as "workflowName", r.work_order_id as "workOrderId",
    r.message_id as "messageId", r.priority, r.order_key as "orderKey", ${waitsFor} as "waitsFor", r.error_type as "errorType", r.error_message as "errorMessage",
    r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt"
  from runs r left join workflows w on w.id = r.workflow_id and w.project_id = r.project_id`;

type Steps = Pick<RunRow, "steps" | "stepTotal">;

export const withSteps = ({ stepFailed, ...run }: Row, steps: Steps | undefined): RunRow => ({
  ...run,
  handled: isHandled({ state: run.state, stepFailed }),
  createdAt: iso(run.createdAt),
  startedAt: isoOrNull(run.startedAt),
  finishedAt: isoOrNull(run.finishedAt),
  ...(steps ?? { steps: [], stepTotal: 0 }),
});

/** How many steps a run's row names. */
const namedSteps = 12;

/** Of each run the steps that its row names, in order, and how many it has. No entry: it has none. */
export async function briefSteps(ctx: Context, runIds: string[]): Promise<Map<string, Steps>> {
  const steps = new Map<string, Steps>();
  if (runIds.length === 0) return steps;
  const found = await rows<Steps["steps"][number] & { runId: string; stepTotal: number }>(
    ctx.db,
    sql`select run_id as "runId", "stepTotal", id, job_id as "jobId", job_name as "jobName", exit_reason as "exitReason", handled from (
          select *, row_number() over (partition by run_id order by ${needsAttention()}, ordinal desc) as place,
            (count(*) over (partition by run_id))::int as "stepTotal"
          from steps where project_id = ${ctx.project.id} and run_id = any(${sql.param(runIds)}::uuid[])
        ) placed where place <= ${namedSteps} order by run_id, ordinal`,
  );
  for (const { runId, stepTotal, ...step } of found) {
    const one = steps.get(runId) ?? { steps: [], stepTotal };
    one.steps.push(step);
    steps.set(runId, one);
  }
  return steps;
}
