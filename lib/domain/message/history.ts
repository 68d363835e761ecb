import { sql } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { issuesOfOrders } from "@/lib/domain/issue/marks";
import { veilFor } from "@/lib/domain/mask/mask";
import type { Veil } from "@/lib/domain/mask/veil";
import { veiledStep } from "@/lib/domain/mask/veiled";
import { type Page, pageInputUpTo, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { waitsFor } from "@/lib/domain/run/list";
import { stepsOfRuns } from "@/lib/domain/run/steps";
import { isHandled } from "@/lib/workflow/outcome";
import { requireMessage } from "./known";
import type { RunWithSteps, WorkOrderDetail } from "./types";

const mostRuns = 50;
export const listHistoryInput = pageInputUpTo(mostRuns).extend({
  limit: z.coerce.number().int().min(1).max(mostRuns).default(25),
});

/** How many steps a run names here; all of them are on its own page. */
const namedSteps = 25;

/**
 * What was done with one message, a page of runs at a time, the newest first: of each page its work orders, in order, each
 * with its runs of the page. Throws `not_found`.
 */
export async function listHistory(
  ctx: Context,
  messageId: string,
  input: z.input<typeof listHistoryInput> = {},
): Promise<Page<WorkOrderDetail>> {
  requirePermission(ctx, "message.read");
  const page = listHistoryInput.parse(input);
  await requireMessage(ctx, messageId);
  const [veil, { items, nextCursor }] = await Promise.all([
    veilFor(ctx, { messageId }),
    historyOf(ctx, messageId, page),
  ]);
  return { items: items.map((order) => veiledOrder(veil, order)), nextCursor };
}

/** A work order behind a veil. */
export const veiledOrder = (veil: Veil, order: WorkOrderDetail): WorkOrderDetail => ({
  ...order,
  runs: order.runs.map((run) => ({
    ...run,
    errorType: veil.textOrNull(run.errorType),
    errorMessage: veil.textOrNull(run.errorMessage),
    steps: run.steps.map((step) => veiledStep(veil, step)),
  })),
});

type RunRow = Omit<
  RunWithSteps,
  "id" | "steps" | "stepTotal" | "handled" | "createdAt" | "startedAt" | "finishedAt"
> & {
  /** Null of a work order that was rejected: the columns about the run are, too. */
  id: string | null;
  /** The run's id, or the work order's: by it pages are ordered. */
  key: string;
  rejectedFor: WorkOrderDetail["rejectedFor"];
  stepFailed: boolean;
  workOrderId: string;
  workflowId: string;
  workflowName: string;
  workOrderState: WorkOrderDetail["state"];
  workOrderStepFailed: boolean;
  workOrderCreatedAt: Date | string;
  createdAt: Date | string;
  startedAt: Date | string | null;
  finishedAt: Date | string | null;
};

/** A page of runs, and of work orders that have none, by work order, as whoever sees everything sees them. */
export async function historyOf(
  ctx: Context,
  messageId: string,
  { cursor, limit }: z.output<typeof listHistoryInput>,
): Promise<Page<WorkOrderDetail>> {
  const entries = await rows<RunRow>(
    ctx.db,
    sql`select * from (
        select coalesce(r.id, o.id) as key, o.id as "workOrderId", o.workflow_id as "workflowId", w.name as "workflowName", o.state as "workOrderState", o.step_failed as "workOrderStepFailed",
          o.rejected_for as "rejectedFor", o.created_at as "workOrderCreatedAt", r.id, r.state, r.step_failed as "stepFailed", r.error_type as "errorType", r.error_message as "errorMessage",
          (row_number() over (partition by o.id order by r.id))::int as attempt, r.created_at as "createdAt",
          r.started_at as "startedAt", r.finished_at as "finishedAt", r.starting_job_id as "startingJobId", ${waitsFor} as "waitsFor", u.email as "createdBy"
        from work_orders o
        join workflows w on w.id = o.workflow_id
        left join runs r on r.work_order_id = o.id and r.project_id is not distinct from o.project_id
        left join users u on u.id = r.created_by
        where o.message_id = ${messageId} and o.project_id = ${ctx.project.id}
        ) entries where ${cursor ? sql`key < ${cursor}::uuid` : sql`true`} order by key desc limit ${limit + 1}`,
  );
  const { items: page, nextCursor } = toPageBy(entries, limit, ({ key }) => key);
  const found = page.toSorted((a, b) => order(a.workOrderId, b.workOrderId) || order(a.key, b.key));
  const steps = await stepsOfRuns(
    ctx,
    found.flatMap((r) => r.id ?? []),
    namedSteps,
  );
  const issuesOf = await issuesOfOrders(
    ctx,
    found.map(({ workOrderId }) => workOrderId),
  );
  const orders = new Map<string, WorkOrderDetail>();
  for (const row of found) {
    const { workOrderId, workflowId, workflowName, workOrderState, workOrderStepFailed, ...ofRun } = row;
    const { workOrderCreatedAt, rejectedFor, stepFailed, id, key: _, ...run } = ofRun;
    const one = orders.get(workOrderId) ?? {
      id: workOrderId,
      workflowId,
      workflowName,
      state: workOrderState,
      handled: isHandled({ state: workOrderState, stepFailed: workOrderStepFailed }),
      rejectedFor,
      createdAt: iso(workOrderCreatedAt),
      issues: issuesOf(workOrderId),
      runs: [],
    };
    orders.set(workOrderId, one);
    if (id === null) continue;
    one.runs.push({
      ...run,
      id,
      handled: isHandled({ state: run.state, stepFailed }),
      createdAt: iso(run.createdAt),
      startedAt: isoOrNull(run.startedAt),
      finishedAt: isoOrNull(run.finishedAt),
      ...(steps.get(id) ?? { steps: [], stepTotal: 0 }),
    });
  }
  return { items: [...orders.values()], nextCursor };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
