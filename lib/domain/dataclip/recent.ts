import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset, rowByRow } from "@/db/keyset";
import { iso, rows } from "@/db/rows";
import { jobs, steps, workflows, workOrders } from "@/db/schema";
import { beginningSql } from "@/lib/body/beginning";
import { previewOf } from "@/lib/body/read";
import type { Context } from "@/lib/domain/context";
import { type Mask, maskFor } from "@/lib/domain/mask/mask";
import { veiledPreviews } from "@/lib/domain/mask/message";
import { nameVeils } from "@/lib/domain/mask/names";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import type { RecentInput } from "./types";

export const recentLimit = z.coerce.number().int().min(1).max(20).default(5);

export const listRecentInputsInput = z.union([
  z.strictObject({ jobId: z.uuid(), limit: recentLimit }),
  z.strictObject({ workflowId: z.uuid(), limit: recentLimit }),
]);

/** More executions are not looked through for different inputs. */
const lookedThrough = 40;

/**
 * What a job, or a workflow at its trigger, last began with: each input once, newest first, without those that are gone.
 * Throws `not_found`.
 */
export async function listRecentInputs(
  ctx: Context,
  input: z.input<typeof listRecentInputsInput>,
): Promise<{ items: RecentInput[] }> {
  requirePermission(ctx, "run.read");
  const asked = listRecentInputsInput.parse(input);
  const begun = "jobId" in asked ? await ofJob(ctx, asked.jobId) : await ofWorkflow(ctx, asked.workflowId);
  const found = await rows<Omit<RecentInput, "at"> & { at: Date | string }>(
    ctx.db,
    sql`select * from (
          select distinct on (i.message_id, i.dataclip_id) i.n, i.at, i.message_id as "messageId", i.dataclip_id as "dataclipId",
            d.name, d.type, coalesce(d.size, m.size) as size, case when d.id is null then ${sql.raw(beginningSql("m"))} end as preview
          from (${begun}) i
          left join lateral (select * from messages m where m.id = i.message_id and m.project_id = ${ctx.project.id} limit 1) m on true
          left join lateral (select id, name, type, size, body is not null as is_there from dataclips d
            where d.id = i.dataclip_id and d.project_id = ${ctx.project.id} limit 1) d on true
          where case when i.dataclip_id is null then m.id is not null and m.wiped_at is null else d.is_there end
          order by i.message_id, i.dataclip_id, i.n
        ) inputs order by n limit ${asked.limit}`,
  );
  const items = found.map(({ messageId, dataclipId, name, type, size, preview, at }) => ({
    ...{ messageId, dataclipId, name, type, size, preview: preview && previewOf(preview) },
    at: iso(at),
  }));
  const mask = await maskFor(ctx);
  return { items: mask ? await veiledInputs(ctx, mask, items) : items };
}

async function veiledInputs(ctx: Context, mask: Mask, items: RecentInput[]): Promise<RecentInput[]> {
  const messageIds = items.flatMap(({ messageId, preview }) => (preview === null ? [] : (messageId ?? [])));
  const veilOf = await mask.veils(messageIds.map((messageId) => ({ messageId })));
  const [veiledPreviewOf, nameOf] = await Promise.all([
    veiledPreviews(ctx, veilOf, messageIds),
    nameVeils(
      ctx,
      mask,
      items.flatMap(({ name, dataclipId }) => (name === null ? [] : (dataclipId ?? []))),
    ),
  ]);
  return items.map((item) => ({
    ...item,
    name: nameOf(item.dataclipId).textOrNull(item.name),
    preview: item.preview && item.messageId ? veiledPreviewOf(item.messageId) : item.preview,
  }));
}

async function ofJob(ctx: Context, jobId: string): Promise<SQL> {
  const [job] = await rows(
    ctx.db,
    sql`select 1 from ${jobs} where id = ${jobId} and project_id = ${ctx.project.id}`,
  );
  if (!job) throw notFound("The job");
  const page = keyset([[sql`s.job_id`, jobId]], sql`s.id`);
  return sql`select row_number() over (order by s.id desc) as n, s.started_at as at, s.message_id, coalesce(s.input_dataclip_id, r.dataclip_id) as dataclip_id
    from (
      select s.* from ${steps} s where ${page.where} and ${rowByRow(sql`s.project_id = ${ctx.project.id}`)}
      order by ${page.newestFirst} limit ${lookedThrough}
    ) s join lateral (select dataclip_id from runs r where r.id = s.run_id and r.project_id = s.project_id limit 1) r on true`;
}

async function ofWorkflow(ctx: Context, workflowId: string): Promise<SQL> {
  const [workflow] = await rows(
    ctx.db,
    sql`select 1 from ${workflows} where id = ${workflowId} and project_id = ${ctx.project.id} and deleted_at is null`,
  );
  if (!workflow) throw notFound("Workflow");
  const page = keyset([[sql`o.workflow_id`, workflowId]], sql`o.id`);
  return sql`select row_number() over (order by o.id desc) as n, o.created_at as at, o.message_id, o.dataclip_id
    from (
      select o.* from ${workOrders} o where ${page.where} and ${rowByRow(sql`o.project_id = ${ctx.project.id}`)}
      order by ${page.newestFirst} limit ${lookedThrough}
    ) o`;
}
