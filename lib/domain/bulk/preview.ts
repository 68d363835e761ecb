import { sql } from "drizzle-orm";
import type { z } from "zod";
import { iso, rows } from "@/db/rows";
import { beginningSql } from "@/lib/body/beginning";
import { previewOf } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { maskFor } from "@/lib/domain/mask/mask";
import { veiledPreviews } from "@/lib/domain/mask/message";
import { requirePermission } from "@/lib/domain/permissions";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { reached, subjectsOf, successes } from "@/lib/domain/run/rerun-preview";
import type { BulkTarget } from "@/lib/words";
import { findCandidates, type Refused } from "./candidates";
import { countItems } from "./count";
import { unfinishedRuns } from "./end-runs";
import type { Selection } from "./items";
import { type Planned, planCandidates } from "./plan";
import { bulkReasonInfo } from "./reasons";
import { type BulkInput, type BulkPreview, bulkInput } from "./schemas";
import { permissionOf, refuseOddOnes, selectionOf } from "./start";

/** How many of the first items are looked at, and shown. */
const looked = 200;
const shown = 10;

/** What a bulk act would be about and what it would do a second time; changes nothing. Throws as `startBulk` does. */
export async function previewBulk(ctx: Context, input: z.input<typeof bulkInput>): Promise<BulkPreview> {
  const asked = bulkInput.parse(input);
  requirePermission(ctx, permissionOf(asked.kind));
  refuseOddOnes(asked);
  const selection = await selectionOf(ctx, asked);
  const { count, isMore, first } = await countItems(ctx, selection, looked);
  const sample = await samples(ctx, asked.of.target, first.slice(0, shown));
  const about = { count, isMore, sample, looked: first.length };
  if (asked.kind === "cancel") {
    const of = { projectId: ctx.project.id, target: asked.of.target, ids: first };
    const runs = await unfinishedRuns(ctx.db, of);
    return { ...about, runs: runs.length, succeeded: [], refusals: [] };
  }
  const { planned, refused } = await wouldRun(ctx, asked, selection, first);
  return {
    ...about,
    runs: planned.length,
    succeeded: asked.kind === "release" ? [] : await again(ctx, planned),
    refusals: counted(refused),
  };
}

async function wouldRun(ctx: Context, asked: BulkInput, { until, filter }: Selection, ids: string[]) {
  const { kind, of, jobId, workflowId, version } = asked;
  const onOriginal = version === "original";
  const doing = {
    kind,
    target: of.target,
    filter,
    jobId: jobId ?? null,
    workflowId: workflowId ?? null,
    onOriginal,
    until,
    isChosen: of.ids !== undefined,
  };
  const found = await findCandidates(ctx, doing, ids);
  const plan = await planCandidates(ctx, found.candidates, onOriginal);
  return { planned: plan.planned, refused: [...found.refused, ...plan.refused] };
}

/** Jobs that have succeeded for these inputs already, and where they sent to. */
async function again(ctx: Context, planned: Planned[]): Promise<BulkPreview["succeeded"]> {
  if (planned.length === 0) return [];
  const byGraph = new Map(planned.map((one) => [`${one.snapshotId}/${one.jobId ?? one.triggerId}`, one]));
  const jobIds = [...byGraph.values()].flatMap(({ graph, jobId, triggerId }) =>
    reached({ graph, start: jobId ? { jobId } : { triggerId: triggerId ?? "" } }),
  );
  const messageIds = planned.flatMap(({ messageId }) => messageId ?? []);
  const orders = planned.flatMap(({ messageId, workOrderId }) => (messageId ? [] : (workOrderId ?? [])));
  const sameInput = sql`(${isOfMessage("r", ctx.project.id, sql`o.message_id = any(${sql.param(messageIds)}::uuid[])`)}
    or r.work_order_id = any(${sql.param(orders)}::uuid[]))`;
  return successes(ctx, sameInput, [...new Set(jobIds)], subjectsOf(planned));
}

function counted(refused: Refused[]): BulkPreview["refusals"] {
  const counts = new Map<Refused["reason"], number>();
  for (const { reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, meaning: bulkReasonInfo[reason], count }));
}

type Sample = { id: string; at: Date | string; summary: string };

async function samples(ctx: Context, target: BulkTarget, ids: string[]): Promise<BulkPreview["sample"]> {
  const project = ctx.project.id;
  const items = sql`${sql.param(ids)}::uuid[]`;
  const orders = sql`select o.id, o.created_at as at, coalesce(w.name, '') as summary
      from work_orders o left join workflows w on w.id = o.workflow_id and w.project_id = o.project_id
      where o.project_id = ${project} and o.id = any(${items}) order by o.id`;
  const statements = {
    messages: sql`select m.id, m.received_at as at, ${sql.raw(beginningSql("m"))} as summary from messages m where m.project_id = ${project} and m.id = any(${items}) order by m.id`,
    runs: sql`select r.id, r.created_at as at, coalesce(w.name, '') || ': ' || r.state as summary
      from runs r left join workflows w on w.id = r.workflow_id and w.project_id = r.project_id
      where r.project_id = ${project} and r.id = any(${items}) order by r.id`,
    rejected: orders,
    issue: orders,
  };
  const found = await rows<Sample>(ctx.db, statements[target]);
  const mask = target === "messages" ? await maskFor(ctx) : null;
  if (mask) {
    const veilOf = await mask.veils(ids.map((messageId) => ({ messageId })));
    const veiledPreviewOf = await veiledPreviews(ctx, veilOf, ids);
    return found.map(({ id, at }) => ({ id, at: iso(at), summary: veiledPreviewOf(id) }));
  }
  return found.map(({ id, at, summary }) => ({
    ...{ id, at: iso(at) },
    summary: target === "messages" ? previewOf(summary) : summary,
  }));
}
