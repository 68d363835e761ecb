/**
 * The one statement of the inbox: finds whose URL was called, checks its credentials, stores the message, matches it,
 * and queues a run per match. One statement, one commit.
 *
 * Parameters: 1 URL id · 2 message id · 3 method · 4 path · 5 query · 6 headers · 7 content type · 8 format · 9 body ·
 * 10 JSON view when the bytes are not it · 11 size · 12 preview · 13 digest of the API key or null · 14 digest of the
 * basic credentials or null · 15 whether any credentials were sent · 16 JSON text that filters are matched against ·
 * 17 whether to store (POST) or only to look (GET).
 *
 * One row: verdict, project_id, via_trigger, message_id, work_orders [{work_order_id, run_id, workflow_id}]. No row: unknown id.
 */
export const acceptStatement = `
with target as (
  select t.project_id, t.id as trigger_id, t.workflow_id, w.snapshot_id, t.enabled, p.max_body_bytes
  from triggers t
  join workflows w on w.id = t.workflow_id and w.deleted_at is null
  join projects p on p.id = t.project_id
  where t.id = $1 and t.type = 'webhook'
  union all
  select id, null, null, null, inbox_enabled, max_body_bytes from projects where inbox_id = $1
),
guarded as (
  select target.*, coalesce(m.required, false) as required, coalesce(m.by_key, false) as by_key, coalesce(m.by_basic, false) as by_basic
  from target
  left join lateral (
    select true as required,
      bool_or(a.type = 'api' and a.digest = $13::text) as by_key,
      bool_or(a.type = 'basic' and a.digest = $14::text) as by_basic
    from auth_methods a
    where a.project_id = target.project_id
      and case when target.trigger_id is null then a.on_inbox
          else exists (select 1 from trigger_auth_methods x where x.trigger_id = target.trigger_id and x.auth_method_id = a.id) end
    having count(*) > 0
  ) m on true
),
verdict as (
  select guarded.*, case
    when required and not (by_key or by_basic) then case when $15::boolean then 'hidden' else 'unauthorized' end
    when not $17::boolean then 'found'
    when not enabled then 'disabled'
    when max_body_bytes is not null and $11::int > max_body_bytes then 'too_large'
    else 'accepted' end as verdict
  from guarded
),
accepted as (select * from verdict where verdict = 'accepted'),
matched as (
  select workflow_id, snapshot_id, trigger_id from accepted where trigger_id is not null and snapshot_id is not null
  union all
  select distinct on (w.id) w.id, w.snapshot_id, t.id
  from accepted
  join triggers t on t.project_id = accepted.project_id and t.type = 'message_filter' and t.enabled
  join workflows w on w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null
  where accepted.trigger_id is null
    and ($16::text)::jsonb @> coalesce(t.inclusion, '{}')
    and not coalesce(($16::text)::jsonb @> t.exclusion, false)
),
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, size, preview, matches)
  select $2, project_id, case when trigger_id is null then 'inbox' else 'webhook' end, trigger_id, $3, $4::text[], $5::jsonb,
    $6::jsonb || case when by_key then '{"x-api-key": "[REDACTED]"}'::jsonb else '{}' end
              || case when by_basic then '{"authorization": "Basic [REDACTED]"}'::jsonb else '{}' end,
    $7, $8, $9::bytea, $10::jsonb, $11, $12, (select count(*) from matched)
  from accepted
  returning id, project_id
),
orders as (
  insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id)
  select message.project_id, matched.workflow_id, matched.snapshot_id, matched.trigger_id, message.id from message, matched
  returning id, project_id, workflow_id, snapshot_id, trigger_id, message_id
),
queued as (
  insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id)
  select project_id, workflow_id, id, message_id, snapshot_id, trigger_id from orders
  returning id, project_id, workflow_id, work_order_id
),
sent as (
  insert into outbox (event, data)
  select 'run/requested', jsonb_build_object('runId', id, 'projectId', project_id, 'workflowId', workflow_id, 'priority', 0) from queued
)
select verdict, project_id, trigger_id is not null as via_trigger, (select id from message) as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', work_order_id, 'run_id', id, 'workflow_id', workflow_id)) from queued), '[]') as work_orders
from verdict`;

/** After a lost connection: was message $1 committed after all? Same row shape as the statement above. */
export const acceptedStatement = `
select 'accepted' as verdict, m.project_id, m.trigger_id is not null as via_trigger, m.id as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', r.work_order_id, 'run_id', r.id, 'workflow_id', r.workflow_id))
    from runs r where r.message_id = m.id), '[]') as work_orders
from messages m where m.id = $1`;
