import { type Statement, statement } from "@/db/statement";
import { matched, ordered, queued } from "@/lib/queue/fragments";
import type { MessageFormat } from "@/lib/words";

/** A request to an inbox URL as the statement takes it. Objects are JSON text. */
export type Arrival = {
  /** The id in the URL: a project's inbox id, or a webhook trigger's. */
  urlId: string;
  messageId: string;
  method: string;
  /** Segments after the id. */
  path: string[];
  query: string;
  headers: string;
  contentType: string | null;
  format: MessageFormat;
  body: Uint8Array;
  /** Set when the JSON meaning is not the body itself. */
  view: string | null;
  /** How the body was read, as JSON; null for plain UTF-8. */
  reading: string | null;
  /** Bytes. */
  size: number;
  preview: string;
  /** Digests of the credentials that were sent, see digest.ts. */
  apiDigest: string | null;
  basicDigests: string[];
  hasCredentials: boolean;
  /** Methods whose signature is right (`verifiedMethod`); null while nobody has looked. */
  verified: string[] | null;
  /** What filters are matched against. */
  content: string;
  /** POST stores; GET and HEAD only look. */
  isPost: boolean;
};

/**
 * The one statement of the inbox: finds whose URL was called, checks its credentials, stores the message, matches it,
 * and queues a run per match. One statement, one commit. An id is one project's for ever (`taken_ids`); were there two, the
 * project's own URL comes first.
 *
 * One row: verdict, project_id, via_trigger, message_id, work_orders [{work_order_id, run_id, workflow_id}], signatures. No row:
 * unknown id. The verdict `signature` has written nothing: the URL's methods sign, `signatures` are they, and the caller is
 * to say which of them are `verified`.
 */
export const acceptStatement: Statement<Arrival> = statement<Arrival>(
  (p) => `
with target as (
  select id as project_id, null::uuid as trigger_id, null::uuid as workflow_id, null::uuid as snapshot_id, inbox_enabled as enabled,
    max_body_bytes
  from projects where inbox_id = ${p.urlId} and deletion_scheduled_at is null
  union all
  select t.project_id, t.id, t.workflow_id, w.snapshot_id, t.enabled, p.max_body_bytes
  from triggers t
  join workflows w on w.id = t.workflow_id and w.deleted_at is null
  join projects p on p.id = t.project_id and p.deletion_scheduled_at is null
  where t.id = ${p.urlId} and t.type = 'webhook'
  limit 1
),
guarded as (
  select target.*, coalesce(m.required, false) as required, coalesce(m.by_key, false) as by_key, coalesce(m.by_basic, false) as by_basic,
    coalesce(m.by_signature, false) as by_signature, m.signatures
  from target
  left join lateral (
    select true as required,
      bool_or(a.type = 'api' and a.digest = ${p.apiDigest}::text) as by_key,
      bool_or(a.type = 'basic' and a.digest = any(${p.basicDigests}::text[])) as by_basic,
      bool_or(a.type = 'hmac' and a.id || ':' || a.digest = any(${p.verified}::text[])) as by_signature,
      jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'version', a.digest, 'sealed', a.signature_secret, 'scheme', a.signature))
        filter (where a.type = 'hmac') as signatures
    from auth_methods a
    where a.project_id = target.project_id
      and case when target.trigger_id is null then a.on_inbox
          else exists (select 1 from trigger_auth_methods x where x.trigger_id = target.trigger_id and x.auth_method_id = a.id) end
    having count(*) > 0
  ) m on true
),
verdict as (
  select guarded.*, case
    when required and not (by_key or by_basic or by_signature) then case
      when signatures is not null and ${p.verified}::text[] is null then 'signature'
      when ${p.hasCredentials}::boolean then 'hidden' else 'unauthorized' end
    when not ${p.isPost}::boolean then 'found'
    when not enabled then 'disabled'
    when max_body_bytes is not null and ${p.size}::int > max_body_bytes then 'too_large'
    else 'accepted' end as verdict
  from guarded
),
arriving as (select * from verdict where verdict = 'accepted'),
${matched(`(${p.content}::text)::jsonb`)},
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches)
  select ${p.messageId}, project_id, case when trigger_id is null then 'inbox' else 'webhook' end, trigger_id, ${p.method},
    ${p.path}::text[], ${p.query}::jsonb,
    ${p.headers}::jsonb || case when by_key then '{"x-api-key": "[REDACTED]"}'::jsonb else '{}' end
              || case when by_basic then '{"authorization": "Basic [REDACTED]"}'::jsonb else '{}' end,
    ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}, ${p.preview}, (select count(*) from matched)
  from arriving
  returning id, project_id
),
due as (
  select message.project_id, matched.workflow_id, matched.snapshot_id, matched.trigger_id, message.id as message_id,
    null::uuid as dataclip_id
  from message, matched
),
${ordered},
${queued()}
select verdict, project_id, trigger_id is not null as via_trigger, (select id from message) as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', work_order_id, 'run_id', id, 'workflow_id', workflow_id)) from queued), '[]') as work_orders,
  case when verdict = 'signature' then signatures end as signatures
from verdict`,
);

/** After a lost connection: was the message committed after all? Same row shape as the statement above. */
export const acceptedStatement = statement<{ messageId: string }>(
  (p) => `
select 'accepted' as verdict, m.project_id, m.trigger_id is not null as via_trigger, m.id as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', r.work_order_id, 'run_id', r.id, 'workflow_id', r.workflow_id))
    from runs r where r.message_id = m.id and r.project_id = m.project_id), '[]') as work_orders
from messages m where m.id = ${p.messageId}`,
);
