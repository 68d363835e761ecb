import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { messages } from "@/db/schema";
import { statement } from "@/db/statement";
import type { ReadBody } from "@/lib/body/read";
import { type Reading, readingText } from "@/lib/body/reading";
import { actorUserId, type Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { matched, ordered, queued } from "@/lib/queue/fragments";
import { announceQueued, type QueuedRun } from "@/lib/queue/queue";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import type { MessageFormat } from "@/lib/words";

/** The new message and its runs. */
export const copiedMessage = z.strictObject({ messageId: z.uuid(), runIds: z.array(z.uuid()) });

/** What a copy takes over from its original, or starts from. Throws `not_found`. */
export async function originalOf(ctx: Context, messageId: string) {
  const [original] = await ctx.db
    .select({
      triggerId: messages.triggerId,
      contentType: messages.contentType,
      headers: messages.headers,
      body: messages.body,
      reading: messages.reading,
    })
    .from(messages)
    .where(and(eq(messages.projectId, ctx.project.id), eq(messages.id, messageId)));
  if (!original) throw notFound("The message");
  return original;
}

export type Copy = {
  /** The original. */
  messageId: string;
  /** Of the original: its query, which the copy has, too, may not say all that was sent. */
  parameters: Reading["parameters"];
  triggerId: string | null;
  headers: Record<string, string>;
  contentType: string | null;
  bytes: Uint8Array;
  read: ReadBody;
};

/**
 * Stores a copy of a message where the original went, as a new message that names it, matched and queued like one that
 * came in: a URL that is switched off for senders is for people, too. `event` is what is written down, with `after` beside the new message's id. Throws `conflict` for such a URL, `invalid` when its trigger is gone.
 */
export async function sendCopy(
  ctx: Context,
  { messageId, parameters, triggerId, headers, contentType, bytes, read }: Copy,
  { event, after = {} }: { event: string; after?: Record<string, unknown> },
): Promise<z.infer<typeof copiedMessage>> {
  const content = sqlJsonText(read.matchable);
  const isCleaned = read.format === "json" && content !== read.matchable;
  const values = copied.values({
    projectId: ctx.project.id,
    messageId,
    urlTriggerId: triggerId,
    headers: sqlJson(headers),
    contentType,
    format: read.format,
    body: bytes,
    view: read.view !== null || isCleaned ? content : null,
    reading: readingText(read.reading, parameters),
    size: bytes.length,
    preview: read.preview,
    content,
    sentBy: actorUserId(ctx.actor),
  });
  return write(ctx, "message.resend", async (tx) => {
    const [row] = await queryOf(tx)<Row>(copied.text, values);
    if (!row) throw notFound("The message");
    if (row.isDisabled)
      throw conflict(
        triggerId === null
          ? "The project's inbox URL is switched off, so nothing can be sent to it. Switch it on in Settings first."
          : "The trigger that received this message is disabled, so nothing can be sent to it. Enable it, or process the message with another workflow instead.",
      );
    if (row.isGone)
      throw invalid(
        "The trigger that received this message is gone. Process the message with another workflow instead.",
      );
    announceQueued(tx, row.runs);
    return {
      result: { messageId: row.id, runIds: row.runs.map((run) => run.id) },
      audit: { event, itemId: messageId, after: { messageId: row.id, ...after } },
      changed: { messages: [row.id] },
    };
  });
}

type Row = { id: string; runs: QueuedRun[]; isGone: boolean; isDisabled: boolean };

type Copied = {
  projectId: string;
  messageId: string;
  /** The trigger whose URL the original was sent to; null for the project's. */
  urlTriggerId: string | null;
  headers: string;
  contentType: string | null;
  format: MessageFormat;
  body: Uint8Array;
  view: string | null;
  reading: string | null;
  size: number;
  preview: string;
  content: string;
  sentBy: string | null;
};

/** Stores the copy where the original went, matches it, and queues its runs before what arrives by itself. */
const copied = statement<Copied>(
  (p) => `
with arriving as (
  select ${p.projectId}::uuid as project_id, t.id as trigger_id, w.id as workflow_id, w.snapshot_id
  from (select ${p.urlTriggerId}::uuid as id) called
  left join triggers t on t.id = called.id and t.project_id = ${p.projectId}
  left join workflows w on w.id = t.workflow_id and w.deleted_at is null
  where called.id is null or w.id is not null
),
${matched(`${p.content}::jsonb`)},
message as (
  insert into messages (project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches, resent_from, sent_by)
  select project_id, 'resend', trigger_id, method, path, query, ${p.headers}::jsonb, ${p.contentType}, ${p.format}, ${p.body}::bytea,
    ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}::int, ${p.preview}, (select count(*) from matched), id, ${p.sentBy}::uuid
  from messages where id = ${p.messageId} and project_id = ${p.projectId}
  returning id, project_id
),
due as (
  select message.project_id, matched.workflow_id, matched.snapshot_id, matched.trigger_id, message.id as message_id, null::uuid as dataclip_id
  from message, matched
),
${ordered},
${queued({ priority: "immediate", createdBy: p.sentBy })}
select message.id, ${p.urlTriggerId}::uuid is not null and not exists (select 1 from matched) as "isGone",
  coalesce((select not t.enabled from triggers t join workflows w on w.id = t.workflow_id and w.deleted_at is null
      where t.id = ${p.urlTriggerId}::uuid and t.project_id = ${p.projectId}),
    ${p.urlTriggerId}::uuid is null and (select not inbox_enabled from projects where id = ${p.projectId}),
    false) as "isDisabled",
  coalesce((select jsonb_agg(jsonb_build_object('id', id, 'projectId', project_id, 'messageId', message_id)) from queued), '[]') as runs
from message`,
);
