import { sql } from "drizzle-orm";
import { isoOrNull, rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { issuesOfOrders } from "@/lib/domain/issue/marks";
import { veilFor } from "@/lib/domain/mask/mask";
import { maskedHereOf } from "@/lib/domain/mask/reveal";
import { veiledStep } from "@/lib/domain/mask/veiled";
import { requirePermission } from "@/lib/domain/permissions";
import { readGraph } from "@/lib/domain/workflow/load-graph";
import { notFound } from "@/lib/refusal";
import { causesOf } from "./causes";
import { briefSteps, selectRuns, veiledRun, withSteps } from "./list";
import { stepsOfRuns } from "./steps";
import type { RunDetail } from "./types";

type Extra = {
  attempt: number;
  startingTriggerId: string | null;
  startingJobId: string | null;
  createdBy: string | null;
  cancelRequestedAt: Date | string | null;
  input: RunDetail["input"];
  snapshotId: string;
  lockVersion: number;
  isLatest: boolean;
  graph: string;
};

/** One run with its steps and the version of the workflow that it runs. */
export async function getRun(ctx: Context, id: string): Promise<RunDetail> {
  requirePermission(ctx, "run.read");
  const [run] = await rows<Parameters<typeof withSteps>[0]>(
    ctx.db,
    sql`${selectRuns} where r.project_id = ${ctx.project.id} and r.id = ${id}::uuid`,
  );
  if (!run) throw notFound("The run");
  const [[extra], brief, detailed, causes, issuesOf] = await Promise.all([
    extraOf(ctx, id),
    briefSteps(ctx, [id]),
    stepsOfRuns(ctx, [id]),
    causesOf(ctx, id),
    issuesOfOrders(ctx, [run.workOrderId]),
  ]);
  if (!extra) throw notFound("The run");
  const { snapshotId, lockVersion, isLatest, graph, cancelRequestedAt, input, ...rest } = extra;
  const row = withSteps(run, brief.get(id));
  const subject = row.messageId
    ? { messageId: row.messageId }
    : { messageId: null, workOrderId: row.workOrderId };
  const [veil, here] = await Promise.all([veilFor(ctx, subject), maskedHereOf(ctx, subject)]);
  return {
    ...veiledRun(veil, row),
    ...here,
    ...rest,
    ...causes,
    input: input && { ...input, name: veil.textOrNull(input.name) },
    issues: issuesOf(run.workOrderId),
    projectId: ctx.project.id,
    cancelRequestedAt: isoOrNull(cancelRequestedAt),
    snapshot: { id: snapshotId, lockVersion, isLatest, graph: readGraph(graph) },
    detailedSteps: (detailed.get(id)?.steps ?? []).map((step) => veiledStep(veil, step)),
  };
}

const extraOf = (ctx: Context, id: string) =>
  rows<Extra>(
    ctx.db,
    sql`select (select count(*)::int from runs o where o.work_order_id = r.work_order_id and o.id <= r.id) as attempt,
          r.starting_trigger_id as "startingTriggerId", r.starting_job_id as "startingJobId", u.email as "createdBy",
          r.cancel_requested_at as "cancelRequestedAt",
          case when d.id is not null then jsonb_build_object('dataclipId', d.id, 'name', d.name, 'type', d.type, 'isKept', d.body is not null) end as input, s.id as "snapshotId", s.lock_version as "lockVersion",
          coalesce(w.snapshot_id = s.id, false) as "isLatest", s.graph::text as graph
        from runs r join snapshots s on s.id = r.snapshot_id left join workflows w on w.id = r.workflow_id
        left join users u on u.id = r.created_by
        left join dataclips d on d.id = r.dataclip_id and d.project_id = r.project_id
        where r.project_id = ${ctx.project.id} and r.id = ${id}::uuid`,
  );
