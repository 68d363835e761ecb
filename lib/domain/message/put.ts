import { z } from "zod";
import { queryOf } from "@/db/rows";
import { statement } from "@/db/statement";
import type { ReadBody } from "@/lib/body/read";
import { type Reading, readingText } from "@/lib/body/reading";
import { actorUserId, type Context } from "@/lib/domain/context";
import type { Permission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { dueOfMessage, matched, messageColumns, ordered, queued } from "@/lib/queue/fragments";
import { announceQueued, type QueuedRun } from "@/lib/queue/queue";
import { refuseWithoutRoom } from "@/lib/queue/room";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import type { MessageFormat, MessageSource } from "@/lib/words";

/** The new message and its runs. */
export const broughtMessage = z.strictObject({ messageId: z.uuid(), runIds: z.array(z.uuid()) });

/** A message that a person brings: a copy of another one, or one of their own. */
export type Brought = {
  source: Extract<MessageSource, "resend" | "manual">;
  /** The original of a copy, which must be there. */
  resentFrom: string | null;
  /** The trigger whose URL it goes to; null for the project's. */
  triggerId: string | null;
  method: string;
  path: string[];
  query: unknown;
  /** What the query does not say. */
  parameters: Reading["parameters"];
  headers: Record<string, string>;
  contentType: string | null;
  bytes: Uint8Array;
  read: ReadBody;
};

/** What allows it, and what is written down; `after` beside the new message's id. */
type Act = { permission: Permission; event: string; after?: Record<string, unknown> };

/**
 * Stores a message that a person brings, matched and queued like one that came in, before what arrives by itself. Throws
 * `conflict` for a URL that is switched off, `invalid` when its trigger is gone, `not_found` when the original is,
 * `limit` when the project's plan has fewer runs left than it would start.
 */
export async function putMessage(
  ctx: Context,
  { read, bytes, query, headers, parameters, ...brought }: Brought,
  { permission, event, after = {} }: Act,
): Promise<z.infer<typeof broughtMessage>> {
  const content = sqlJsonText(read.matchable);
  const isCleaned = read.format === "json" && content !== read.matchable;
  const values = putting.values({
    ...brought,
    projectId: ctx.project.id,
    query: sqlJson(query),
    headers: sqlJson(headers),
    format: read.format,
    body: bytes,
    view: read.view !== null || isCleaned ? content : null,
    reading: readingText(read.reading, parameters),
    size: bytes.length,
    preview: read.preview,
    content,
    sentBy: actorUserId(ctx.actor),
  });
  const { triggerId, resentFrom } = brought;
  return write(ctx, permission, async (tx) => {
    const [row] = await queryOf(tx)<Row>(putting.text, values);
    if (!row) throw notFound("The message");
    if (row.isDisabled)
      throw conflict(
        triggerId === null
          ? "The project's inbox URL is switched off, so nothing can be sent to it. Switch it on in Settings first."
          : `The trigger ${resentFrom ? "that received this message" : "of this URL"} is disabled, so nothing can be sent to it. Enable it, or process the message with another workflow instead.`,
      );
    if (row.isGone)
      throw invalid(
        resentFrom
          ? "The trigger that received this message is gone. Process the message with another workflow instead."
          : "There is no webhook trigger with this id in the project. Choose another one, or the project's inbox.",
      );
    if (row.room !== null) refuseWithoutRoom(Math.min(row.room, 0));
    announceQueued(tx, row.runs);
    return {
      result: { messageId: row.id, runIds: row.runs.map((run) => run.id) },
      audit: { event, itemId: resentFrom ?? row.id, after: { messageId: row.id, ...after } },
      changed: { messages: [row.id] },
    };
  });
}

type Row = {
  id: string;
  runs: QueuedRun[];
  isGone: boolean;
  isDisabled: boolean;
  /** What the project's plan has left, when that is too little for its runs. */
  room: number | null;
};

type Putting = Omit<Brought, "query" | "headers" | "parameters" | "bytes" | "read"> & {
  projectId: string;
  query: string;
  headers: string;
  format: MessageFormat;
  body: Uint8Array;
  view: string | null;
  reading: string | null;
  size: number;
  preview: string;
  content: string;
  sentBy: string | null;
};

/** Stores the message where it is to go, matches it, and queues its runs before what arrives by itself. */
const putting = statement<Putting>(
  (p) => `
with arriving as (
  select ${p.projectId}::uuid as project_id, t.id as trigger_id, w.id as workflow_id, w.snapshot_id, w.order_key as order_path,
    coalesce(w.paused_at, project.paused_at) is not null as is_paused
  from (select ${p.triggerId}::uuid as id) called
  join projects project on project.id = ${p.projectId}
  left join triggers t on t.id = called.id and t.project_id = ${p.projectId} and t.type = 'webhook'
  left join workflows w on w.id = t.workflow_id and w.deleted_at is null
  where called.id is null or w.id is not null
),
${matched(`${p.content}::jsonb`)},
message as (
  insert into messages (project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches, resent_from, sent_by)
  select ${p.projectId}, ${p.source}, ${p.triggerId}::uuid, ${p.method}, ${p.path}::text[], ${p.query}::jsonb, ${p.headers}::jsonb,
    ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}::int, ${p.preview},
    (select count(*) from matched), ${p.resentFrom}::uuid, ${p.sentBy}::uuid
  where ${p.resentFrom}::uuid is null
    or exists (select 1 from messages m where m.id = ${p.resentFrom}::uuid and m.project_id = ${p.projectId})
  returning ${messageColumns}
),
${dueOfMessage(`${p.content}::jsonb`)},
${ordered()},
${queued({ priority: "immediate", createdBy: p.sentBy })}
select message.id, ${p.triggerId}::uuid is not null and not exists (select 1 from matched) as "isGone",
  coalesce((select not t.enabled from triggers t join workflows w on w.id = t.workflow_id and w.deleted_at is null
      where t.id = ${p.triggerId}::uuid and t.project_id = ${p.projectId} and t.type = 'webhook'),
    ${p.triggerId}::uuid is null and (select not inbox_enabled from projects where id = ${p.projectId}),
    false) as "isDisabled",
  (select room.room from room where exists (select 1 from orders where state = 'rejected')) as room,
  coalesce((select jsonb_agg(jsonb_build_object('id', id, 'projectId', project_id, 'messageId', message_id)) from queued), '[]') as runs
from message`,
);
