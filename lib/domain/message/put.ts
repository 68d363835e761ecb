import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { statement } from "@/db/statement";
import type { ReadBody, Said } from "@/lib/body/read";
import { type Reading, readingText } from "@/lib/body/reading";
import { actorUserId, type Context } from "@/lib/domain/context";
import type { Permission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { dueOfMessages, matched, ordered, queued } from "@/lib/queue/fragments";
import { announceQueued, type QueuedRun } from "@/lib/queue/queue";
import { refuseWithoutRoom } from "@/lib/queue/room";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import type { MessageFormat, MessageSource } from "@/lib/words";
import type { Json, Redaction } from "@/lib/workflow/types";
import { redactBrought, redactionsOf } from "./redactions";

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
  query: Record<string, Json>;
  /** What the query does not say. */
  parameters: Reading["parameters"];
  headers: Record<string, string>;
  bytes: Uint8Array;
  /** What `read` was read by. */
  said: Said;
  read: ReadBody;
};

/** What allows it, and what is written down; `after` beside the new message's id. */
type Act = { permission: Permission; event: string; after?: Record<string, unknown> };

/**
 * Stores a message that a person brings, redacted, matched and queued like one that came in, before what arrives by itself.
 * Throws `conflict` for a URL that is switched off, `invalid` when its trigger is gone or the body is none that the project's
 * redactions can be found in, `not_found` when the original is,
 * `limit` when the project's plan has fewer runs left than it would start.
 */
export async function putMessage(
  ctx: Context,
  brought: Brought,
  { permission, event, after = {} }: Act,
): Promise<z.infer<typeof broughtMessage>> {
  const { source, triggerId, resentFrom, method } = brought;
  const redactions = await redactionsOf(ctx);
  const { read, bytes, contentType, path, ...shown } = await redactBrought(ctx, brought, redactions);
  const content = sqlJsonText(read.matchable);
  const isCleaned = read.format === "json" && content !== read.matchable;
  const values = putting.values({
    ...{ source, triggerId, resentFrom, method, path, contentType },
    projectId: ctx.project.id,
    query: sqlJson(shown.query),
    headers: sqlJson(shown.headers),
    format: read.format,
    body: bytes,
    view: read.view !== null || isCleaned ? content : null,
    reading: readingText(read.reading, shown.parameters),
    size: bytes.length,
    preview: read.preview,
    content,
    sentBy: actorUserId(ctx.actor),
    redactions: redactions && sqlJson(redactions),
  });
  return write(ctx, permission, async (tx) => {
    const [row] = await queryOf(tx)<Row>(putting.text, values);
    if (!row) throw await whyNotStored({ ...ctx, db: tx }, redactions);
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

/** Nothing is stored by redactions that somebody changes meanwhile, nor as a copy of what is not there. */
async function whyNotStored(ctx: Context, redactions: Redaction[] | null): Promise<Error> {
  const isOther = !isDeepStrictEqual(await redactionsOf(ctx), redactions);
  return isOther
    ? conflict("What this project redacts was changed at this moment. Send it again.")
    : notFound("The message");
}

type Row = {
  id: string;
  runs: QueuedRun[];
  isGone: boolean;
  isDisabled: boolean;
  /** What the project's plan has left, when that is too little for its runs. */
  room: number | null;
};

type Putting = Pick<Brought, "source" | "triggerId" | "resentFrom" | "method" | "path"> & {
  projectId: string;
  contentType: string | null;
  /** By which everything is redacted, JSON; null for none. */
  redactions: string | null;
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
  select uuid_v7() as message_id, ${p.projectId}::uuid as project_id, ${p.method}::text as method, ${p.path}::text[] as path,
    ${p.query}::jsonb as query, ${p.headers}::jsonb as headers, t.id as trigger_id, w.id as workflow_id, w.snapshot_id, w.order_key as order_path,
    coalesce(w.paused_at, project.paused_at) is not null as is_paused
  from (select ${p.triggerId}::uuid as id) called
  join projects project on project.id = ${p.projectId}
  left join triggers t on t.id = called.id and t.project_id = ${p.projectId} and t.type = 'webhook'
  left join workflows w on w.id = t.workflow_id and w.deleted_at is null
  where called.id is null or w.id is not null
),
${matched(`${p.content}::jsonb`)},
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches, resent_from, sent_by)
  select coalesce((select message_id from arriving), uuid_v7()), ${p.projectId}, ${p.source}, ${p.triggerId}::uuid, ${p.method}, ${p.path}::text[], ${p.query}::jsonb, ${p.headers}::jsonb,
    ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}::int, ${p.preview},
    (select count(*) from matched), ${p.resentFrom}::uuid, ${p.sentBy}::uuid
  where (${p.resentFrom}::uuid is null
      or exists (select 1 from messages m where m.id = ${p.resentFrom}::uuid and m.project_id = ${p.projectId}))
    and exists (select 1 from projects where id = ${p.projectId} and redactions is not distinct from ${p.redactions}::jsonb)
  returning id
),
${dueOfMessages},
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
