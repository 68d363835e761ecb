import { statement } from "@/db/statement";
import { queuedAtOnce } from "@/lib/queue/fragments";
import { sqlJson } from "@/lib/sql-json";
import { type AcceptStatement, joined, type Sent } from "./statement";

/**
 * The statement for the many messages that need little of it, in two short forms: most of what the whole one costs a small
 * message is what it could do besides. Each looks at everything that would make a difference, in the snapshot that it writes
 * in, and has no row for a message that the whole statement would treat otherwise: then nothing was written, and that one decides.
 * Their rows: verdict, project_id, via_trigger, message_id, work_orders.
 */

/** Whether a request has nothing that the short forms leave out. */
export const isShort = (sent: Sent): boolean =>
  sent.isPost &&
  sent.path.length === 0 &&
  sent.query === "{}" &&
  sent.view === null &&
  sent.reading === null &&
  sent.rules === null &&
  sent.delivery === null;

const sentColumns =
  "url_id uuid, message_id uuid, headers jsonb, content_type text, format text, at int, size int, preview text";

function valuesOf(arrivals: Sent[]): { rows: string; bytes: Uint8Array } {
  let at = 0;
  const rows = arrivals.map((sent) => {
    const { urlId, messageId, headers, contentType, format, size, preview } = sent;
    const type = contentType === null ? "" : `"content_type":${sqlJson(contentType)},`;
    const row = `{"url_id":"${urlId}","message_id":"${messageId}","headers":${headers},${type}"format":"${format}","at":${at},"size":${size},"preview":${sqlJson(preview)}}`;
    at += sent.body.length;
    return row;
  });
  return {
    rows: `[${rows.join()}]`,
    bytes: joined(
      arrivals.map(({ body }) => body),
      at,
    ),
  };
}

const shortStatement = (write: (p: { rows: string; bytes: string }) => string): AcceptStatement => {
  const { text, values } = statement<{ rows: string; bytes: Uint8Array }>(write);
  return { text, values: (arrivals) => values(valuesOf(arrivals)) };
};

/** SQL for whether there is none: looked up for each request, where `not exists` may read everybody's into a table of hashes. */
const isNone = (from: string): string => `(select true from ${from} limit 1) is null`;

/** SQL for whether the project `p` lets everything in. */
const projectIsOpen = `(p.max_body_bytes is null or p.max_body_bytes >= sent.size)
  and p.rate_per_minute is null and p.redactions is null
  and (p.full_until > now()) is not true`;

const bodyOf = (bytes: string) => `substring(${bytes}::bytea from sent.at + 1 for sent.size)`;

/** For the URL of a project that checks nobody, and of which no workflow listens: stores the message. */
export const storeStatement = shortStatement(
  (p) => `
insert into messages (id, project_id, source, method, path, query, headers, content_type, format, body, size, preview)
select sent.message_id, p.id, 'inbox', 'POST', '{}', '{}', sent.headers, sent.content_type, sent.format, ${bodyOf(p.bytes)}, sent.size, sent.preview
from jsonb_to_recordset(${p.rows}::jsonb) as sent (${sentColumns})
cross join lateral (select * from projects where inbox_id = sent.url_id and deletion_scheduled_at is null limit 1) p
where p.inbox_enabled and p.delivery_id is null and p.inbox_rate_per_minute is null
  and ${projectIsOpen}
  and p.runs_per_month is null and p.runs_per_minute is null
  and ${isNone("auth_methods a where a.project_id = p.id and a.on_inbox")}
  and ${isNone("triggers t where t.project_id = p.id and t.type = 'message_filter' and t.enabled")}
returning 'accepted' as verdict, project_id, false as via_trigger, id as message_id, '[]'::jsonb as work_orders`,
);

/** For a webhook that checks nobody and answers at once, of a workflow without lines, where nothing is paused: starts a run. */
export const startStatement = shortStatement(
  (p) => `
with starts as materialized (
  select sent.*, uuid_v7() as order_id, uuid_v7() as run_id, t.project_id, t.workflow_id, w.snapshot_id, t.id as trigger_id
  from jsonb_to_recordset(${p.rows}::jsonb) as sent (${sentColumns})
  cross join lateral (select * from triggers where id = sent.url_id and type = 'webhook' limit 1) t
  cross join lateral (select * from workflows where id = t.workflow_id and deleted_at is null limit 1) w
  cross join lateral (select * from projects where id = t.project_id and deletion_scheduled_at is null limit 1) p
  where t.enabled and t.delivery_id is null and t.rate_per_minute is null
    and t.open_rosa is not true and t.webhook_reply is distinct from 'after_completion'
    and w.snapshot_id is not null and w.order_key is null and w.paused_at is null and p.paused_at is null
    and ${projectIsOpen}
    and p.runs_per_month is null and p.runs_per_minute is null
    and ${isNone("projects other where other.inbox_id = sent.url_id")}
    and ${isNone("trigger_auth_methods x where x.trigger_id = t.id")}
),
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, size, preview, matches)
  select message_id, project_id, 'webhook', trigger_id, 'POST', '{}', '{}', headers, content_type, format, ${bodyOf(p.bytes)}, size, preview, 1
  from starts sent
),
orders as (
  insert into work_orders (id, project_id, workflow_id, snapshot_id, trigger_id, message_id)
  select order_id, project_id, workflow_id, snapshot_id, trigger_id, message_id from starts
),
${queuedAtOnce}
select 'accepted' as verdict, project_id, true as via_trigger, message_id,
  jsonb_build_array(jsonb_build_object('work_order_id', work_order_id, 'run_id', id)) as work_orders
from queued`,
);
