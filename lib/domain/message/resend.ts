import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { messages } from "@/db/schema";
import { audit } from "@/lib/domain/audit";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { readBody, storableView } from "@/lib/inbox/body";
import { invalid, notFound } from "@/lib/refusal";
import type { Json } from "@/lib/workflow/types";

export const resendMessageInput = z.object({
  messageId: z.uuid(),
  body: z.string().max(2_000_000),
  contentType: z.string().max(200).optional(),
});

/**
 * Sends an edited copy of a message to where the original went. The original stays as it was; the copy is a new message
 * that names it, matched and queued like one that came in. Returns the new message and its runs.
 */
export async function resendMessage(
  ctx: Context,
  input: z.input<typeof resendMessageInput>,
): Promise<{ messageId: string; runIds: string[] }> {
  requirePermission(ctx, "message.resend");
  const { messageId, body, contentType } = resendMessageInput.parse(input);
  const [original] = await ctx.db
    .select({ triggerId: messages.triggerId, contentType: messages.contentType, headers: messages.headers })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, messageId)));
  if (!original) throw notFound("The message");
  const bytes = Buffer.from(body);
  const type = contentType ?? original.contentType;
  const read = await readBody(bytes, type, null);
  const { "content-encoding": _, "content-length": __, ...headers } = original.headers;
  const matchable = JSON.stringify(storableView(JSON.parse(read.matchable) as Json));
  return ctx.db.transaction(async (tx) => {
    const [row] = await rows<{ id: string; runIds: string[] | null; isGone: boolean }>(
      tx,
      sql`with matched as (
            select w.id as workflow_id, w.snapshot_id, t.id as trigger_id
            from triggers t join workflows w on w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null
            where t.id = ${original.triggerId} and t.project_id = ${ctx.project.id}
            union all
            select distinct on (w.id) w.id, w.snapshot_id, t.id
            from triggers t join workflows w on w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null
            where ${original.triggerId === null} and t.project_id = ${ctx.project.id} and t.type = 'message_filter' and t.enabled
              and ${matchable}::jsonb @> coalesce(t.inclusion, '{}') and not coalesce(${matchable}::jsonb @> t.exclusion, false)
          ),
          message as (
            insert into messages (project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, size, preview, matches, resent_from, sent_by)
            select project_id, 'resend', trigger_id, method, path, query, ${JSON.stringify({ ...headers, ...(type ? { "content-type": type } : {}) })}::jsonb,
              ${type}, ${read.format}, ${bytes}, ${read.view === undefined ? null : JSON.stringify(storableView(read.view))}::jsonb,
              ${bytes.length}, ${read.preview}, (select count(*) from matched), id, ${actorUserId(ctx.actor)}
            from messages where id = ${messageId}
            returning id
          ),
          orders as (
            insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id)
            select ${ctx.project.id}, workflow_id, snapshot_id, trigger_id, message.id from matched, message
            returning id, project_id, workflow_id, snapshot_id, trigger_id, message_id
          ),
          queued as (
            insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, priority, created_by)
            select project_id, workflow_id, id, message_id, snapshot_id, trigger_id, 'immediate', ${actorUserId(ctx.actor)}::uuid from orders
            returning id, workflow_id
          ),
          sent as (
            insert into outbox (event, data)
            select 'run/requested', jsonb_build_object('runId', id, 'projectId', ${ctx.project.id}::text, 'workflowId', workflow_id, 'priority', 100) from queued
          )
          select message.id, (select array_agg(id) from queued) as "runIds",
            ${original.triggerId !== null} and not exists (select 1 from matched) as "isGone" from message`,
    );
    if (!row) throw notFound("The message");
    if (row.isGone)
      throw invalid(
        "The trigger that received this message is gone. Process the message with another workflow instead.",
      );
    await audit(tx, ctx, { event: "message.resend", itemId: messageId, after: { messageId: row.id } });
    return { messageId: row.id, runIds: row.runIds ?? [] };
  });
}
