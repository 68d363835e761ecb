import { type Statement, statement } from "@/db/statement";
import { dueOfMessage, matched, messageColumns, ordered, queued } from "@/lib/queue/fragments";
import type { MessageFormat } from "@/lib/words";
import type { DeliveryRule, Redaction } from "@/lib/workflow/types";
import { repeatHours } from "./delivery";

/** A request to an inbox URL as the statement takes it. Objects are JSON text. */
export type Arrival = {
  /** The id in the URL: a project's inbox id, or a webhook trigger's. */
  urlId: string;
  messageId: string;
  method: string;
  /** Segments after the id. */
  path: string[];
  /** The first of them, where it may be a trigger's own: then the id is its project's. */
  customPath: string | null;
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
  bearerDigest: string | null;
  hasCredentials: boolean;
  /** Methods whose signature is right (`verifiedMethod`); null while nobody has looked. */
  verified: string[] | null;
  /** What filters are matched against. */
  content: string;
  /** POST stores; GET where the trigger takes it, HEAD never. */
  isPost: boolean;
};

/** With the delivery that the sender named. */
export type NamedArrival = Arrival & { deliveryId: Uint8Array; deliveryContent: Uint8Array };

/**
 * By a URL's own rules, which the caller has obeyed: JSON as the verdict `rules` has told them. `plainId` and `plainContent`
 * are what the delivery is called where nothing is redacted, null there: it may have come before anything was.
 */
export type RuledArrival = Arrival & {
  deliveryId: Uint8Array | null;
  deliveryContent: Uint8Array | null;
  plainId: Uint8Array | null;
  plainContent: Uint8Array | null;
  rules: string;
  /** Bytes that were sent; `size` is what is stored. */
  sentSize: number;
};

/** What a URL asks for beyond credentials. Null parts are as everywhere. */
export type UrlRules = {
  delivery: DeliveryRule | null;
  /** Messages a minute: through this URL, and into its project. */
  rate: number | null;
  projectRate: number | null;
  redactions: UrlRedactions | null;
};

/** What is redacted of what comes through a URL, also when that is nothing any more. */
export type UrlRedactions = {
  projectId: string;
  paths: Redaction[];
  /** How many segments of the path are the URL's own. */
  pathStart: number;
};

/** What is redacted as JSON, null where nothing ever was. */
const redactionsOf = (project: string, isByPath: boolean): string =>
  `case when ${project}.redactions is not null then jsonb_build_object('projectId', ${project}.id, 'paths', ${project}.redactions, 'pathStart', ${isByPath ? 1 : 0}) end`;

/** A delivery is forgotten a day after `first_at`: whose URL says otherwise first came as much later or earlier. */
const isOver = `d.first_at < now() - interval '${repeatHours} hours'`;

type Named = { [K in keyof NamedArrival]-?: string };
/** SQL for a delivery's id and content. */
type DeliveryName = { id: string; content: string };

const asSent = (p: Named): DeliveryName => ({
  id: `${p.deliveryId}::bytea`,
  content: `${p.deliveryContent}::bytea`,
});

/** `named` (id, content): a delivery as it came before, by its plain name, else by its keyed one. Reads `judged`. */
const named = (p: { [K in keyof RuledArrival]-?: string }): string => `
named as (
  select case when plain.is_there then ${p.plainId}::bytea else ${p.deliveryId}::bytea end as id,
    case when plain.is_there then ${p.plainContent}::bytea else ${p.deliveryContent}::bytea end as content
  from judged cross join lateral (
    select exists (select 1 from deliveries d where d.project_id = judged.project_id
      and d.url_id = coalesce(judged.trigger_id, ${p.urlId}::uuid)
      and d.delivery_id = ${p.plainId}::bytea and d.content = ${p.plainContent}::bytea) as is_there
  ) plain
),`;

/**
 * `claimed` (message_id): the message of a delivery that may come in: this one, or the one that came first. Of two at the same
 * instant the second waits here for what becomes of the first. Reads `verdict`.
 */
const claimed = (p: Named, { id, content }: DeliveryName, first = "now()") => `
claimed as (
  insert into deliveries as d (url_id, delivery_id, content, project_id, message_id, is_reused, first_at)
  select coalesce(verdict.trigger_id, ${p.urlId}::uuid), ${id}, ${content}, verdict.project_id, ${p.messageId}::uuid,
    exists (select 1 from deliveries d where d.project_id = verdict.project_id and d.url_id = coalesce(verdict.trigger_id, ${p.urlId}::uuid)
      and d.delivery_id = ${id} and d.content <> ${content}),
    ${first}
  from verdict where verdict = 'accepted' and ${p.deliveryId}::bytea is not null
  on conflict (url_id, delivery_id, content) do update set last_at = now(),
    message_id = case when ${isOver} then excluded.message_id else d.message_id end,
    times = case when ${isOver} then 1 else d.times + 1 end,
    first_at = case when ${isOver} then excluded.first_at else d.first_at end
  returning message_id
),`;

/**
 * A webhook trigger as `target` has it; `where` is SQL for which one it is. `manner` is how it answers, null for most: at once
 * and in JSON.
 */
const webhookTrigger = (where: string, isByPath: boolean): string => `
  select t.project_id, t.id, t.workflow_id, w.snapshot_id, t.enabled, p.max_body_bytes,
    p.runs_per_month, p.runs_per_minute, p.limit_kind, ${isByPath}, coalesce(t.takes_get, false),
    ${mannerOf("t", "p")}, w.order_key, coalesce(w.paused_at, p.paused_at) is not null,
    case when t.delivery_id is not null or t.rate_per_minute is not null or p.rate_per_minute is not null or p.redactions is not null then
      jsonb_build_object('delivery', t.delivery_id, 'rate', t.rate_per_minute, 'projectRate', p.rate_per_minute,
        'redactions', ${redactionsOf("p", isByPath)}) end
  from triggers t
  join workflows w on w.id = t.workflow_id and w.deleted_at is null
  join projects p on p.id = t.project_id and p.deletion_scheduled_at is null
  where ${where} and t.type = 'webhook'`;

/** `Manner` of a trigger, with its project for its limit of size. */
const mannerOf = (trigger: string, project: string): string =>
  `case when ${trigger}.webhook_reply = 'after_completion' or ${trigger}.open_rosa then jsonb_build_object(
      'waits', coalesce(${trigger}.webhook_reply = 'after_completion', false), 'codes', ${trigger}.webhook_response_config,
      'openRosa', coalesce(${trigger}.open_rosa, false), 'maxBodyBytes', ${project}.max_body_bytes) end`;

/** Whether the delivery has come before: a repeat gets the first answer, whatever is left of the project's plan. */
const known = (p: Named, { id, content }: DeliveryName) =>
  `exists (select 1 from deliveries d where d.project_id = judged.project_id and d.url_id = coalesce(judged.trigger_id, ${p.urlId}::uuid)
      and d.delivery_id = ${id} and d.content = ${content} and not (${isOver}))`;

const firstOfRule = `now() + make_interval(hours => coalesce((verdict.rules->'delivery'->>'hours')::int, ${repeatHours}) - ${repeatHours})`;

/** Where counting is now, in tens of seconds, and from where on it counts: within the last minute. */
const tenSeconds = "floor(extract(epoch from now()) / 10)::int";

/**
 * How many messages came within the last minute, and when the first of them is over. Few rows of an index: by both columns at
 * once, because by the time alone it would read what came for everybody.
 */
const lately = (id: string): string => `
  cross join lateral (
    select coalesce(sum(c.count), 0) as count, min(c.ten_seconds) as since from arrival_counts c
    where (c.counted_id, c.ten_seconds) > (${id}, ${tenSeconds} - 6) and (c.counted_id, c.ten_seconds) <= (${id}, ${tenSeconds})
  )`;

/** `counted`: that a message came, where there is a rate. No two connections count in one row. Reads `arriving`. */
const counted = (urlId: string): string => `
counted as (
  insert into arrival_counts as c (counted_id, ten_seconds, backend, count)
  select of.id, ${tenSeconds}, pg_backend_pid(), 1
  from arriving, lateral (values (coalesce(trigger_id, ${urlId}::uuid), rules->'rate'), (project_id, rules->'projectRate')) of (id, rate)
  where of.rate is not null and of.rate <> 'null'
  on conflict (counted_id, ten_seconds, backend) do update set count = c.count + 1
),`;

/** What the statements differ in: nothing, for a request that names no delivery, at a URL without rules of its own. */
const each = {
  named: "",
  sentSize: undefined as string | undefined,
  isKnown: "false",
  claimed: "",
  isFirst: "true",
  verdict: "verdict",
  message: "(select id from message)",
  rules: "null::jsonb",
  /** SQL for how much came lately; `limited` says whether that is too much, `retryAfter` for how many seconds. */
  lately: "",
  limited: "false",
  retryAfter: "null::int",
  counted: "",
};

/**
 * `target` (project_id, trigger_id, workflow_id, snapshot_id, enabled, max_body_bytes,
 * runs_per_month, runs_per_minute, limit_kind, is_by_path, takes_get, manner, rules): whose URL it is; no row for an unknown
 * id, or a project that is being deleted.
 */
export const targetOf = (urlId: string, customPath: string): string => `
target as (
  select id as project_id, null::uuid as trigger_id, null::uuid as workflow_id, null::uuid as snapshot_id, inbox_enabled as enabled,
    max_body_bytes, runs_per_month, runs_per_minute, limit_kind, false as is_by_path, false as takes_get, null::jsonb as manner,
    null::text as order_path, paused_at is not null as is_paused,
    case when delivery_id is not null or inbox_rate_per_minute is not null or rate_per_minute is not null or redactions is not null then
      jsonb_build_object('delivery', delivery_id, 'rate', inbox_rate_per_minute, 'projectRate', rate_per_minute,
        'redactions', ${redactionsOf("projects", false)}) end as rules
  from projects where inbox_id = ${urlId} and deletion_scheduled_at is null
  union all${webhookTrigger(`t.id = ${urlId}`, false)}
  union all${webhookTrigger(`t.project_id = ${urlId} and t.custom_path = ${customPath}`, true)}
  limit 1
)`;

/** SQL that says which headers a method's secret itself stands in, among the methods `a` of a URL. */
const secretHeaders =
  "array_agg(a.signature->>'header') filter (where a.signature->>'preset' in ('header', 'kobo'))";

const accepting = (p: { [K in keyof Arrival]-?: string }, once = each): string => `
with ${targetOf(p.urlId, p.customPath)},
guarded as (
  select target.*, coalesce(m.required, false) as required, coalesce(m.by_key, false) as by_key, coalesce(m.by_basic, false) as by_basic,
    coalesce(m.by_signature, false) as by_signature, coalesce(m.is_borne, false) as is_borne, m.signatures, m.secret_headers
  from target
  left join lateral (
    select true as required,
      bool_or(a.type = 'api' and (a.digest = ${p.apiDigest}::text or a.old_ends_at > now() and a.old_digest = ${p.apiDigest}::text)) as by_key,
      bool_or(a.type = 'basic' and (a.digest = any(${p.basicDigests}::text[])
        or a.old_ends_at > now() and a.old_digest = any(${p.basicDigests}::text[]))) as by_basic,
      bool_or(a.type = 'api' and (a.digest = ${p.bearerDigest}::text or a.old_ends_at > now() and a.old_digest = ${p.bearerDigest}::text)) as is_borne,
      bool_or(a.type = 'hmac' and (a.id || ':' || a.digest = any(${p.verified}::text[])
        or a.old_ends_at > now() and a.id || ':' || a.old_digest = any(${p.verified}::text[]))) as by_signature,
      jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'version', a.digest, 'sealed', a.signature_secret, 'scheme', a.signature,
          'old', case when a.old_ends_at > now() then jsonb_build_object('version', a.old_digest, 'sealed', a.old_signature_secret) end))
        filter (where a.type = 'hmac') as signatures,
      ${secretHeaders} as secret_headers
    from auth_methods a
    where a.project_id = target.project_id
      and case when target.trigger_id is null then a.on_inbox
          else exists (select 1 from trigger_auth_methods x where x.trigger_id = target.trigger_id and x.auth_method_id = a.id) end
    having count(*) > 0
  ) m on true
),
judged as (
  select guarded.*, ${once.retryAfter} as retry_after, case
    when required and not (by_key or by_basic or by_signature) then case
      when signatures is not null and ${p.verified}::text[] is null then 'signature'
      when ${p.hasCredentials}::boolean then 'hidden' else 'unauthorized' end
    when not (${p.isPost}::boolean or ${p.method} = 'GET' and takes_get) then 'found'
    when not enabled then 'disabled'
    when max_body_bytes is not null and ${once.sentSize ?? p.size}::int > max_body_bytes then 'too_large'
    when rules is distinct from ${once.rules} then 'rules'
    when ${once.limited} then 'limited'
    else 'accepted' end as judgement
  from guarded${once.lately}
),
${once.named}
roomy as (
  select judged.*, case when judgement = 'accepted' and (runs_per_month is not null or runs_per_minute is not null) and not ${once.isKnown}
    then plan_room(project_id, runs_per_month, runs_per_minute) end as room
  from judged
),
verdict as (
  select roomy.*, case
    when room < 0 then 'too_many_requests'
    when room = 0 and limit_kind = 'hard' then 'runs_hard_limit'
    else judgement end as verdict
  from roomy
),
${once.claimed}
arriving as (select * from verdict where verdict = 'accepted' and ${once.isFirst}),
${once.counted}
${matched(`(${p.content}::text)::jsonb`)},
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches)
  select ${p.messageId}, project_id, case when trigger_id is null then 'inbox' else 'webhook' end, trigger_id, ${p.method},
    case when is_by_path then (${p.path}::text[])[2:] else ${p.path}::text[] end, ${p.query}::jsonb,
    ${p.headers}::jsonb || case when by_key then '{"x-api-key": "[REDACTED]"}'::jsonb else '{}' end
              || case when by_basic then '{"authorization": "Basic [REDACTED]"}'::jsonb
                   when is_borne then '{"authorization": "Bearer [REDACTED]"}' else '{}' end
              || case when secret_headers is null then '{}' else coalesce(
                (select jsonb_object_agg(name, '[REDACTED]') from unnest(secret_headers) name where ${p.headers}::jsonb ? name), '{}') end,
    ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}, ${p.preview}, (select count(*) from matched)
  from arriving
  returning ${messageColumns}
),
${dueOfMessage(`(${p.content}::text)::jsonb`)},
${ordered({ room: "room as (select project_id, room from verdict where room is not null)" })},
${queued()}
select ${once.verdict} as verdict, project_id, trigger_id is not null as via_trigger, ${once.message} as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', o.id, 'run_id', q.id, 'workflow_id', o.workflow_id) order by q.id, o.id)
    from orders o left join queued q on q.work_order_id = o.id), '[]') as work_orders,
  room,
  case when verdict = 'signature' then signatures end as signatures, case when verdict <> 'accepted' then rules end as rules,
  required, retry_after, manner, takes_get, is_by_path
from verdict`;

/**
 * The one statement of the inbox: finds whose URL was called, checks its credentials, stores the message, matches it,
 * and queues a run per match. One statement, one commit. An id is one project's for ever (`taken_ids`); were there two, the
 * project's own URL comes first.
 *
 * One row: verdict, project_id, via_trigger, message_id, work_orders [{work_order_id, run_id, workflow_id}], room, signatures,
 * manner, rules, required (credentials are), retry_after, takes_get, is_by_path. No row: unknown id. `run_id` is null of a work order for which the project's plan has no run left (`room`, see
 * `plan_room`). The verdict `signature` has written nothing: the URL's methods sign, `signatures` are they, and the caller is
 * to say which of them are `verified`.
 */
export const acceptStatement: Statement<Arrival> = statement<Arrival>((p) => accepting(p));

const isLimited =
  "(coalesce((rules->>'rate')::int <= url.count, false) or coalesce((rules->>'projectRate')::int <= whole.count, false))";

const onceOnly = (p: { messageId: string }) => ({
  verdict: `case when verdict = 'accepted' and not exists (select 1 from message) then 'repeat' else verdict end`,
  message: "(select coalesce((select message_id from claimed), (select id from message)))",
  isFirst: `exists (select 1 from claimed where message_id = ${p.messageId}::uuid)`,
});

/**
 * The same for a request that names its delivery: the verdict `repeat` names the message that came first with the same
 * content, and has written only that it came again.
 */
export const acceptOnceStatement: Statement<NamedArrival> = statement<NamedArrival>((p) =>
  accepting(p, { ...each, ...onceOnly(p), isKnown: known(p, asSent(p)), claimed: claimed(p, asSent(p)) }),
);

/**
 * The same for a URL with rules of its own, which `rules` are: both others write nothing there, and answer with the verdict
 * `rules`, which names them, as this one does when they have changed since. Counts what came, and says `limited` where
 * that is more than the rules allow, with the seconds in `retry_after`; what is at work at the same instant is not seen.
 */
export const acceptByRulesStatement: Statement<RuledArrival> = statement<RuledArrival>((p) => {
  const once = onceOnly(p);
  const name = { id: "(select id from named)", content: "(select content from named)" };
  return accepting(p, {
    ...each,
    ...once,
    named: named(p),
    sentSize: p.sentSize,
    isFirst: `(${p.deliveryId}::bytea is null or ${once.isFirst})`,
    claimed: claimed(p, name, firstOfRule),
    rules: `${p.rules}::jsonb`,
    lately: `${lately(`coalesce(trigger_id, ${p.urlId}::uuid)`)} url ${lately("project_id")} whole`,
    limited: isLimited,
    retryAfter: `greatest(1, ceil(10 * (6 + greatest(
      case when (rules->>'rate')::int <= url.count then url.since end,
      case when (rules->>'projectRate')::int <= whole.count then whole.since end)) - extract(epoch from now())))::int`,
    counted: counted(p.urlId),
    isKnown: `(${p.deliveryId}::bytea is not null and ${known(p, name)})`,
  });
});

/**
 * What a message was answered: after a lost connection, and to a repeat. Of its runs those that the same statement made,
 * at the same `now()`; later ones are people's. Same row shape as the statement above.
 */
export const acceptedStatement = statement<{ messageId: string }>(
  (p) => `
select 'accepted' as verdict, m.project_id, m.trigger_id is not null as via_trigger, m.id as message_id,
  coalesce((select jsonb_agg(jsonb_build_object('work_order_id', o.id, 'run_id', r.id, 'workflow_id', o.workflow_id) order by r.id, o.id)
    from work_orders o left join lateral (
      select r.id from runs r
      where r.work_order_id = o.id and r.project_id is not distinct from o.project_id and r.created_at = m.received_at limit 1
    ) r on true
    where o.message_id = m.id and o.project_id is not distinct from m.project_id and o.created_at = m.received_at), '[]') as work_orders,
  t.manner
from messages m
left join lateral (
  select ${mannerOf("t", "p")} as manner from triggers t join projects p on p.id = t.project_id
  where t.id = m.trigger_id and t.project_id = m.project_id limit 1
) t on true
where m.id = ${p.messageId}`,
);
