import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { refusedRequests } from "@/db/schema";
import { statement } from "@/db/statement";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { readBody } from "@/lib/body/read";
import { readingText } from "@/lib/body/reading";
import { actorUserId, type Context } from "@/lib/domain/context";
import { redactBrought, redactionsOf } from "@/lib/domain/message/redactions";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { dueOfMessages, matched, ordered, queued } from "@/lib/queue/fragments";
import { announceQueued, type QueuedRun } from "@/lib/queue/queue";
import { conflict, invalid, notFound } from "@/lib/refusal";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";
import type { MessageFormat } from "@/lib/words";
import { refusedId } from "./get";

/** The message that it became, and its runs. */
export const acceptedRequest = z.strictObject({ messageId: z.uuid(), runIds: z.array(z.uuid()) });

/**
 * Takes a refused request after all: it becomes the message that it would have been, received when it came, under its own
 * id, and is matched and queued by what triggers are now. Throws `conflict` when somebody has accepted it, for a repeat,
 * and while its URL is switched off; `invalid` when it was not kept whole, cannot be read, or its trigger is gone.
 */
export async function acceptRefused(
  ctx: Context,
  input: z.input<typeof refusedId>,
): Promise<z.infer<typeof acceptedRequest>> {
  requirePermission(ctx, "message.resend");
  const { id } = refusedId.parse(input);
  const [request] = await ctx.db
    .select()
    .from(refusedRequests)
    .where(and(eq(refusedRequests.id, id), eq(refusedRequests.projectId, ctx.project.id)));
  if (!request) throw notFound("The refused request");
  const { cause, body, headers, contentType, triggerId } = request;
  if (request.acceptedAt) throw taken();
  if (cause === "repeat")
    throw conflict("It is a message that came before: rerun that one instead, where its receipt is.");
  if (body === null)
    throw invalid(
      "What was sent was not kept: it was too large, or could not be redacted. Have its sender send it again.",
    );
  const said = { contentType, contentEncoding: headers["content-encoding"] ?? null };
  const came = await readBody(body, said, nodeDecoders);
  if ("refused" in came) throw invalid(came.reason ?? "Its content coding cannot be undone.");
  const redactions = await redactionsOf(ctx);
  const { method, path, query } = request;
  const parameters = request.parameters ?? undefined;
  const bare = { method, path, query, parameters, headers, bytes: body, said, read: came };
  const { read, ...shown } = await redactBrought(ctx, bare, redactions);
  const content = sqlJsonText(read.matchable);
  const isCleaned = read.format === "json" && content !== read.matchable;
  const acceptedBy = actorUserId(ctx.actor);
  const values = admitted.values({
    id,
    projectId: ctx.project.id,
    path: shown.path,
    query: sqlJson(shown.query),
    headers: sqlJson(shown.headers),
    contentType: shown.contentType,
    format: read.format,
    body: shown.bytes,
    size: shown.bytes.length,
    redactions: redactions && sqlJson(redactions),
    view: read.view !== null || isCleaned ? content : null,
    reading: readingText(read.reading, shown.parameters),
    preview: read.preview,
    content,
    acceptedBy,
  });
  return write(ctx, "message.resend", async (tx) => {
    const [mine] = await tx
      .update(refusedRequests)
      .set({ acceptedAt: new Date(), acceptedBy, body: null, kept: 0, room: null })
      .where(
        and(
          eq(refusedRequests.id, id),
          eq(refusedRequests.projectId, ctx.project.id),
          isNull(refusedRequests.acceptedAt),
        ),
      )
      .returning({ id: refusedRequests.id });
    if (!mine) throw taken();
    const [row] = await queryOf(tx)<Row>(admitted.text, values);
    if (!row) throw notFound("The refused request");
    if (row.isOther) throw conflict("What this project redacts was changed at this moment. Accept it again.");
    if (row.isGone)
      throw invalid(
        "The trigger whose URL was called is gone, so nothing can be sent to it. Put its body in as a new message.",
      );
    if (row.isDisabled)
      throw conflict(
        triggerId === null
          ? "The project's inbox URL is switched off. Switch it on in Settings first."
          : "The trigger whose URL was called is disabled. Enable it first.",
      );
    announceQueued(tx, row.runs);
    return {
      result: { messageId: row.id, runIds: row.runs.map((run) => run.id) },
      audit: { event: "message.accept", itemId: row.id, after: { cause, receivedAt: request.receivedAt } },
      changed: { messages: [row.id] },
    };
  });
}

const taken = () => conflict("Somebody has accepted it already: its message is in the inbox.");

type Row = { id: string; runs: QueuedRun[]; isGone: boolean; isDisabled: boolean; isOther: boolean };

type Admitted = {
  id: string;
  projectId: string;
  path: string[];
  query: string;
  headers: string;
  contentType: string | null;
  size: number;
  /** By which everything is redacted, JSON; null for none. */
  redactions: string | null;
  format: MessageFormat;
  body: Uint8Array;
  view: string | null;
  reading: string | null;
  preview: string;
  content: string;
  acceptedBy: string | null;
};

/** Stores the request as a message, matches it, and queues its runs as those of any message. */
const admitted = statement<Admitted>(
  (p) => `
with request as (select * from refused_requests where id = ${p.id} and project_id = ${p.projectId}::uuid),
called as (
  select request.id as message_id, request.project_id, request.method, ${p.path}::text[] as path, ${p.query}::jsonb as query,
    ${p.headers}::jsonb as headers, request.trigger_id as url_trigger_id, t.id as trigger_id, w.id as workflow_id, w.snapshot_id,
    case when request.trigger_id is null then p.inbox_enabled else t.enabled end as enabled,
    request.trigger_id is null or w.id is not null as is_there, w.order_key as order_path,
    coalesce(w.paused_at, p.paused_at) is not null as is_paused, p.redactions is distinct from ${p.redactions}::jsonb as is_other
  from request
  join projects p on p.id = request.project_id
  left join triggers t on t.id = request.trigger_id and t.project_id = request.project_id and t.type = 'webhook'
  left join workflows w on w.id = t.workflow_id and w.deleted_at is null
),
arriving as (select * from called where is_there and enabled and not is_other),
${matched(`${p.content}::jsonb`)},
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches,
    sent_by, received_at)
  select request.id, request.project_id, case when request.trigger_id is null then 'inbox' else 'webhook' end, request.trigger_id, request.method, arriving.path, arriving.query,
    arriving.headers, ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}::int, ${p.preview},
    (select count(*) from matched), ${p.acceptedBy}::uuid, request.received_at
  from request, arriving
  returning messages.id
),
${dueOfMessages},
${ordered()},
${queued({ createdBy: p.acceptedBy })}
select request.id, not called.is_there as "isGone", called.is_there and not called.enabled as "isDisabled", called.is_other as "isOther",
  coalesce((select jsonb_agg(jsonb_build_object('id', id, 'projectId', project_id, 'messageId', message_id)) from queued), '[]') as runs
from request, called`,
);
