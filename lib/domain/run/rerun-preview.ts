import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { Subject } from "@/lib/domain/mask/known";
import { maskFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { downstreamJobs } from "@/lib/workflow/graph";
import { type PlannedRun, planMessage, planRun, rerunMessageInput, rerunRunInput } from "./rerun-plan";
import type { RerunPreview } from "./types";

/** What a rerun of a message would do a second time: asked before it is done, because it cannot be taken back. */
export async function getMessageRerun(
  ctx: Context,
  input: z.input<typeof rerunMessageInput>,
): Promise<RerunPreview> {
  requirePermission(ctx, "run.rerun");
  return preview(ctx, await planMessage(ctx, ctx.db, rerunMessageInput.parse(input)));
}

/** The same for a rerun of a run. */
export async function getRunRerun(ctx: Context, input: z.input<typeof rerunRunInput>): Promise<RerunPreview> {
  requirePermission(ctx, "run.rerun");
  return preview(ctx, [await planRun(ctx, ctx.db, rerunRunInput.parse(input))]);
}

/**
 * The jobs that a run may reach: where it starts and what comes after. What is started because a job fails is left
 * out: should it fail again, that is news, and not the same thing twice.
 */
export const reached = ({ graph, start }: Pick<PlannedRun, "graph" | "start">): string[] => {
  const edges = graph.edges.filter((edge) => edge.conditionType !== "on_job_failure");
  return [...("jobId" in start ? [start.jobId] : []), ...downstreamJobs({ ...graph, edges }, start)];
};

async function preview(ctx: Context, planned: PlannedRun[]): Promise<RerunPreview> {
  const messageId = planned[0]?.messageId;
  const orders = planned.flatMap((plan) => plan.workOrderId ?? []);
  const sameInput = messageId
    ? isOfMessage("r", ctx.project.id, sql`o.message_id = ${messageId}::uuid`)
    : sql`r.work_order_id = any(${sql.param(orders)}::uuid[])`;
  const jobIds = [...new Set(planned.flatMap(reached))];
  const [succeeded, versions, [unfinished]] = await Promise.all([
    successes(ctx, sameInput, jobIds, subjectsOf(planned)),
    changedVersions(ctx, planned),
    rows<{ count: number }>(
      ctx.db,
      sql`select count(*)::int as count from runs where project_id = ${ctx.project.id}
          and work_order_id = any(${sql.param(orders)}::uuid[]) and finished_at is null`,
    ),
  ]);
  return { succeeded, unfinishedRuns: unfinished?.count ?? 0, versions };
}

async function changedVersions(ctx: Context, planned: PlannedRun[]): Promise<RerunPreview["versions"]> {
  const changed = planned.filter(({ versions }) => versions.original !== versions.latest);
  if (changed.length === 0) return [];
  const ids = changed.flatMap(({ versions }) => [versions.original, versions.latest]);
  const found = await rows<{ id: string; lockVersion: number; name: string }>(
    ctx.db,
    sql`select s.id, s.lock_version as "lockVersion", w.name from snapshots s join workflows w on w.id = s.workflow_id
        where s.project_id = ${ctx.project.id} and s.id = any(${sql.param(ids)}::uuid[])`,
  );
  const at = new Map(found.map((row) => [row.id, row]));
  return changed.flatMap(({ workflowId, versions }) => {
    const [then, now] = [at.get(versions.original), at.get(versions.latest)];
    return then && now
      ? [{ workflowId, workflowName: now.name, original: then.lockVersion, latest: now.lockVersion }]
      : [];
  });
}

/** What the inputs of planned runs are about. */
export const subjectsOf = (planned: Pick<PlannedRun, "messageId" | "workOrderId">[]): Subject[] =>
  planned.map(({ messageId, workOrderId }) => (messageId ? { messageId } : { messageId: null, workOrderId }));

/**
 * Successful executions of the jobs for the same input, and the hosts that they sent something to, without what is masked of
 * the subjects.
 */
export async function successes(
  ctx: Context,
  sameInput: SQL,
  jobIds: string[],
  subjects: Subject[],
): Promise<RerunPreview["succeeded"]> {
  const [found, mask] = await Promise.all([successful(ctx, sameInput, jobIds), maskFor(ctx)]);
  if (!mask) return found;
  const veils = subjects.map(await mask.veils(subjects));
  const shown = (host: string) => veils.reduce((text, veil) => veil.text(text), host);
  return found.map((one) => ({ ...one, hosts: [...new Set(one.hosts.map(shown))] }));
}

const successful = (ctx: Context, sameInput: SQL, jobIds: string[]) =>
  rows<RerunPreview["succeeded"][number]>(
    ctx.db,
    sql`select s.job_id as "jobId", (array_agg(s.job_name order by s.id desc))[1] as "jobName", w.name as "workflowName",
          count(distinct s.id)::int as times,
          coalesce(array_agg(distinct c->>'host') filter (where c->>'refused' is null and (c->>'bytesSent')::numeric > 0), '{}') as hosts
        from runs r join steps s on s.run_id = r.id and s.project_id = r.project_id
          join workflows w on w.id = s.workflow_id and w.project_id = r.project_id
          left join lateral jsonb_array_elements(coalesce(s.connections, '[]')) c on true
        where r.project_id = ${ctx.project.id} and ${sameInput}
          and s.job_id = any(${sql.param(jobIds)}::uuid[]) and s.exit_reason = 'success'
        group by s.job_id, w.name order by w.name, "jobName", s.job_id`,
  );
