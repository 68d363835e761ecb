import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";

/** The state a step began with, as JSON text. Null when it was wiped. Throws `not_found`. */
export async function getStepInput(ctx: Context, stepId: string): Promise<string | null> {
  requirePermission(ctx, "run.read");
  const [step] = await rows<{ dataclipId: string | null; body: string | null; messageId: string | null }>(
    ctx.db,
    sql`select d.id as "dataclipId", d.body, s.message_id as "messageId" from steps s
        join runs r on r.id = s.run_id
        left join dataclips d on d.id = coalesce(s.input_dataclip_id, r.dataclip_id) and d.project_id = s.project_id
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!step) throw notFound("The step");
  if (step.dataclipId) return step.body;
  return getMessageState(ctx, step.messageId);
}

/** The state a message gives a run, as JSON text. Null when there is no such message. */
export async function getMessageState(ctx: Context, messageId: string | null): Promise<string | null> {
  requirePermission(ctx, "message.read");
  const [message] = await rows<MessageInput>(
    ctx.db,
    sql`select method, path, query, headers, format, body, view from messages where id = ${messageId}::uuid and project_id = ${ctx.project.id}`,
  );
  return message ? stateOfMessage(message) : null;
}

/** The state a step handed on, as JSON text. Null when it has none: it aborted, still runs, or was wiped. */
export async function getStepOutput(ctx: Context, stepId: string): Promise<string | null> {
  requirePermission(ctx, "run.read");
  const [step] = await rows<{ body: string | null }>(
    ctx.db,
    sql`select d.body from steps s left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!step) throw notFound("The step");
  return step.body;
}
