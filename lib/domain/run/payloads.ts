import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { queryOf, rows } from "@/db/rows";
import { messageBytes } from "@/lib/body/for-jobs";
import type { StoredBody } from "@/lib/body/stored";
import type { Context } from "@/lib/domain/context";
import { veilFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { type Placed, withBody } from "@/lib/payloads/read";
import { conflict, notFound, Refusal } from "@/lib/refusal";
import type { MessageBytes } from "@/lib/runner/contract";
import { GoneError, isTooLarge, type StoredState, stateOf, whyGone } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import { type Wiped, wipedColumns, wipedSentence } from "@/lib/state/wiped";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";

type Clip = {
  dataclipId: string | null;
  body: string | null;
  sealed: string | null;
  size: number | null;
} & Pick<StoredState, "isWiped" | "wipedAt" | "wipedFor" | "since">;
type OfWork = { messageId: string | null; workOrderId: string };
type InputRow = Clip & OfWork;

const clip = sql`d.id as "dataclipId", d.body, d.sealed, d.size, ${sql.raw(wipedColumns)}`;

const storedOf = ({ dataclipId: _, size, ...stored }: Clip): StoredState => ({ ...stored, size: size ?? 0 });

/** The state a step began with, as it may be shown: JSON text. Null when it was wiped. Throws `not_found`. */
export async function getStepInput(ctx: Context, stepId: string): Promise<string | null> {
  const step = await inputRow(ctx, stepId);
  const state = step.dataclipId ? shown(step, "input") : await getMessageState(ctx, step.messageId);
  return state === null ? null : (await veilFor(ctx, step)).state(state);
}

/**
 * The state a step began with, as it was handed on, for a job that is to get it: nothing that a person can call may
 * return it. Null when it was wiped. Throws `not_found`, `conflict` when it was never stored or cannot be opened.
 */
export async function openStepInput(ctx: Context, stepId: string): Promise<SecretState | null> {
  const state = await openShownStepInput(ctx, stepId);
  return state && { text: state.text, hidden: state.hidden };
}

/** The same with its text as it may be shown. */
export async function openShownStepInput(
  ctx: Context,
  stepId: string,
): Promise<(SecretState & { shown: string }) | null> {
  const step = await inputRow(ctx, stepId);
  if (!step.dataclipId) {
    const text = await getMessageState(ctx, step.messageId);
    return text === null ? null : { text, hidden: [], shown: text };
  }
  const stored = storedOf(step);
  if (stored.body === null && !isTooLarge(stored.size)) return null;
  try {
    return { ...stateOf(ctx.project.id, stored), shown: stored.body ?? "{}" };
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    throw conflict(`The input of this step is not there, so there is nothing to run it on. ${error.message}`);
  }
}

async function inputRow(ctx: Context, stepId: string): Promise<InputRow> {
  requirePermission(ctx, "run.read");
  const [step] = await rows<InputRow>(
    ctx.db,
    sql`select ${clip}, s.message_id as "messageId", r.work_order_id as "workOrderId" from steps s
        join runs r on r.id = s.run_id
        left join dataclips d on d.id = coalesce(s.input_dataclip_id, r.dataclip_id) and d.project_id = s.project_id
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!step) throw notFound("The step");
  return step;
}

/**
 * The state a message gives a run, as JSON text, for a job that is to get it: nothing that a person can call may return it.
 * Null when there is no such message, or it is wiped.
 */
export async function getMessageState(ctx: Context, messageId: string | null): Promise<string | null> {
  requirePermission(ctx, "message.read");
  const [message] = await rows<MessageInput & Placed>(
    ctx.db,
    sql`select method, path, query, headers, format, body, payload, view, reading from messages
        where id = ${messageId}::uuid and project_id = ${ctx.project.id} and wiped_at is null`,
  );
  if (!message) return null;
  return stateOfMessage(await withBody(queryOf(ctx.db), ctx.project.id, message));
}

/** A message's bytes for a job that asks for them. Null when there is no such message, or it is wiped. */
export async function getMessageBytes(ctx: Context, messageId: string): Promise<MessageBytes | null> {
  requirePermission(ctx, "message.read");
  const [message] = await rows<StoredBody & Placed>(
    ctx.db,
    sql`select format, body, payload, reading from messages
        where id = ${messageId}::uuid and project_id = ${ctx.project.id} and wiped_at is null`,
  );
  if (!message) return null;
  return messageBytes(await withBody(queryOf(ctx.db), ctx.project.id, message));
}

/**
 * The state a step handed on, as it may be shown: JSON text. Null when it has none: it aborted, still runs, or was wiped.
 * Throws `not_found`, with the size when it was too large to be stored.
 */
export async function getStepOutput(ctx: Context, stepId: string): Promise<string | null> {
  requirePermission(ctx, "run.read");
  const [step] = await rows<Clip & OfWork>(
    ctx.db,
    sql`select ${clip}, s.message_id as "messageId", r.work_order_id as "workOrderId" from steps s
        join runs r on r.id = s.run_id left join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!step) throw notFound("The step");
  const state = step.dataclipId ? shown(step, "output") : null;
  return state === null ? null : (await veilFor(ctx, step)).state(state);
}

function shown(row: Clip, what: "input" | "output"): string | null {
  const { body, size, isWiped } = storedOf(row);
  if (body === null && !isWiped && isTooLarge(size))
    throw new Refusal("not_found", `The ${what} of this step is not kept. ${whyGone({ size, isWiped })}`, {
      size,
    });
  return body;
}

/** Why the state that a step began with, or handed on, is not there, for whoever asked for it. Throws `not_found` for no step. */
export async function whyNoPayload(ctx: Context, stepId: string, what: "input" | "output"): Promise<Refusal> {
  requirePermission(ctx, "run.read");
  const [row] = await rows<Clip & { messageId: string | null }>(
    ctx.db,
    sql`select ${clip}, case when d.id is null and ${what} = 'input' then s.message_id end as "messageId" from steps s
        join runs r on r.id = s.run_id
        left join dataclips d on d.project_id = s.project_id
          and d.id = case when ${what} = 'input' then coalesce(s.input_dataclip_id, r.dataclip_id) else s.output_dataclip_id end
        where s.id = ${stepId}::uuid and s.project_id = ${ctx.project.id}`,
  );
  if (!row) return notFound("The step");
  const { messageId, ...stored } = row;
  if (stored.dataclipId && stored.isWiped)
    return gone(what, stored.size ?? 0, wipedSentence(storedAt(stored)));
  const message = messageId ? await wipedMessage(ctx, messageId) : null;
  return message ? gone(what, message.size, wipedSentence(message)) : notFound(`The step's ${what}`);
}

const storedAt = ({ wipedAt = null, wipedFor, since }: Clip): Wiped => ({ wipedAt, wipedFor, since });

const gone = (what: string, size: number, why: string): Refusal =>
  new Refusal("not_found", `The ${what} of this step is not kept. ${why}`, { size });

async function wipedMessage(ctx: Context, id: string): Promise<(Wiped & { size: number }) | undefined> {
  const [message] = await rows<Wiped & { size: number }>(
    ctx.db,
    sql`select size, wiped_at as "wipedAt", wiped_for as "wipedFor", received_at as since from messages
        where id = ${id}::uuid and project_id = ${ctx.project.id} and wiped_at is not null`,
  );
  return message;
}

/**
 * Refuses to start from a state that is not there, and keeps it there until the caller's transaction ends. Throws
 * `conflict` with the reason.
 */
export async function requireState(ctx: Context, tx: Db, dataclipId: string): Promise<void> {
  const [row] = await rows<Clip>(
    tx,
    sql`select ${clip} from dataclips d where d.id = ${dataclipId}::uuid and d.project_id = ${ctx.project.id} for share`,
  );
  if (row?.body === null)
    throw conflict(`The input is no longer there. ${whyGone(storedOf(row))} Start from an earlier step.`);
}
