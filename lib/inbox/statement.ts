import { statement } from "@/db/statement";
import { dueOfMessages, matched, ordered, queued } from "@/lib/queue/fragments";
import { sqlJson } from "@/lib/sql-json";
import type { MessageFormat } from "@/lib/words";
import type { DeliveryRule, Redaction } from "@/lib/workflow/types";
import { type Delivery, repeatHours } from "./delivery";

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
  /** That is the body as it is: JSON in UTF-8. */
  isBody: boolean;
  /** POST stores; GET where the trigger takes it, HEAD never. */
  isPost: boolean;
};

/**
 * An arrival with the delivery that its sender named, and by its URL's own rules, which the caller has obeyed: JSON as the
 * verdict `rules` has told them. `plain` is what the delivery is called where nothing is redacted, null there: it may have come
 * before anything was.
 */
export type Sent = Arrival & {
  delivery: Delivery | null;
  plain: Delivery | null;
  rules: UrlRules | null;
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

/** SQL for whether there is such a delivery: looked up for each request, where `exists` may read everybody's into a table of hashes. */
const isThere = (where: string): string =>
  `coalesce((select true from deliveries d where ${where} limit 1), false)`;

/** `named` (name_id, name_content) for a delivery as it came before: by its plain name, else by its keyed one. Reads `judged`. */
const byEarlierName = `
  cross join lateral (
    select ${isThere(`d.project_id = judged.project_id and d.url_id = judged.counted_id
      and d.delivery_id = decode(judged.plain_id, 'hex') and d.content = decode(judged.plain_content, 'hex')`)} as is_plain
  ) plain
  cross join lateral (
    select decode(case when is_plain then plain_id else delivery_id end, 'hex') as name_id,
      decode(case when is_plain then plain_content else delivery_content end, 'hex') as name_content
  ) named`;

const byName = `
  cross join lateral (select decode(delivery_id, 'hex') as name_id, decode(delivery_content, 'hex') as name_content) named`;

/**
 * `claimed` (delivery_id, message_id): the message of each delivery that may come in: this one, or the one that came first. Of
 * two at the same instant the second waits here for what becomes of the first; who claims several does so in one order. Reads
 * `verdict`.
 */
const claimed = (first = "now()") => `
claimed as (
  insert into deliveries as d (url_id, delivery_id, content, project_id, message_id, is_reused, first_at)
  select counted_id, name_id, name_content, project_id, message_id,
    ${isThere(`d.project_id = verdict.project_id and d.url_id = verdict.counted_id
      and d.delivery_id = verdict.name_id and d.content <> verdict.name_content`)},
    ${first}
  from verdict where verdict = 'accepted' and name_id is not null order by name_id, name_content
  on conflict (url_id, delivery_id, content) do update set last_at = now(),
    message_id = case when ${isOver} then excluded.message_id else d.message_id end,
    times = case when ${isOver} then 1 else d.times + 1 end,
    first_at = case when ${isOver} then excluded.first_at else d.first_at end
  returning delivery_id, message_id
),`;

/**
 * A webhook trigger as `target` has it; `where` is SQL for which one it is. `manner` is how it answers, null for most: at once
 * and in JSON.
 */
const webhookTrigger = (where: string, isByPath: boolean): string => `
  select t.project_id, t.id, t.workflow_id, w.snapshot_id, t.enabled, p.max_body_bytes,
    p.runs_per_month, p.runs_per_minute, p.limit_kind, p.full_until, ${isByPath}, coalesce(t.takes_get, false),
    ${mannerOf("t", "p")}, w.order_key, coalesce(w.paused_at, p.paused_at) is not null,
    case when t.delivery_id is not null or t.rate_per_minute is not null or p.rate_per_minute is not null or p.redactions is not null then
      jsonb_build_object('delivery', t.delivery_id, 'rate', t.rate_per_minute, 'projectRate', p.rate_per_minute,
        'redactions', ${redactionsOf("p", isByPath)}) end
  from triggers t
  cross join lateral (select * from workflows where id = t.workflow_id and deleted_at is null limit 1) w
  cross join lateral (select * from projects where id = t.project_id and deletion_scheduled_at is null limit 1) p
  where ${where} and t.type = 'webhook'`;

/** `Manner` of a trigger, with its project for its limit of size. */
const mannerOf = (trigger: string, project: string): string =>
  `case when ${trigger}.webhook_reply = 'after_completion' or ${trigger}.open_rosa then jsonb_build_object(
      'waits', coalesce(${trigger}.webhook_reply = 'after_completion', false), 'codes', ${trigger}.webhook_response_config,
      'openRosa', coalesce(${trigger}.open_rosa, false), 'maxBodyBytes', ${project}.max_body_bytes) end`;

/** Whether the delivery has come before: a repeat gets the first answer, whatever is left of the project's plan. */
const known = isThere(`d.project_id = judged.project_id and d.url_id = judged.counted_id
      and d.delivery_id = name_id and d.content = name_content and not (${isOver})`);

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

/** `counted`: that messages came, where there is a rate. No two connections count in one row. Reads `arriving`. */
const counted = `
counted as (
  insert into arrival_counts as c (counted_id, ten_seconds, backend, count)
  select of.id, ${tenSeconds}, pg_backend_pid(), count(*)
  from arriving, lateral (values (counted_id, rules->'rate'), (project_id, rules->'projectRate')) of (id, rate)
  where of.rate is not null and of.rate <> 'null'
  group by of.id
  on conflict (counted_id, ten_seconds, backend) do update set count = c.count + excluded.count
),`;

/** What the statements differ in: nothing, for requests that name no delivery, at URLs without rules of their own. */
const each = {
  /** What the request calls its delivery, and SQL that makes of it what it is called in the table. */
  names: "",
  named: "",
  sentSize: "size",
  isKnown: "false",
  claimed: "",
  isFirst: "true",
  verdict: "verdict",
  message: "v.message_id",
  first: "",
  rules: "null::jsonb",
  /** SQL for how much came lately; `limited` says what to make of that, `retryAfter` for how many seconds. */
  lately: "",
  limited: "",
  retryAfter: "null::int",
  counted: "",
};

/**
 * Whose URL it is (project_id, trigger_id, workflow_id, snapshot_id, enabled, max_body_bytes,
 * runs_per_month, runs_per_minute, limit_kind, full_until, is_by_path, takes_get, manner, rules): no row for an unknown
 * id, or a project that is being deleted.
 */
const targetOf = (urlId: string, customPath: string): string => `
  select id as project_id, null::uuid as trigger_id, null::uuid as workflow_id, null::uuid as snapshot_id, inbox_enabled as enabled,
    max_body_bytes, runs_per_month, runs_per_minute, limit_kind, full_until, false as is_by_path, false as takes_get, null::jsonb as manner,
    null::text as order_path, paused_at is not null as is_paused,
    case when delivery_id is not null or inbox_rate_per_minute is not null or rate_per_minute is not null or redactions is not null then
      jsonb_build_object('delivery', delivery_id, 'rate', inbox_rate_per_minute, 'projectRate', rate_per_minute,
        'redactions', ${redactionsOf("projects", false)}) end as rules
  from projects where inbox_id = ${urlId} and deletion_scheduled_at is null
  union all${webhookTrigger(`t.id = ${urlId}`, false)}
  union all${webhookTrigger(`t.project_id = ${urlId} and t.custom_path = ${customPath}`, true)}
  limit 1`;

/** `target`: the same as a table expression. */
export const target = (urlId: string, customPath: string): string =>
  `target as (${targetOf(urlId, customPath)})`;

/** SQL that says which headers a method's secret itself stands in, among the methods `a` of a URL. */
const secretHeaders =
  "array_agg(a.signature->>'header') filter (where a.signature->>'preset' in ('header', 'kobo'))";

/**
 * Requests as the statements take them, as columns and as fields of JSON. `n` counts them from 0; of the bytes of them all
 * those of a body begin after `at`, and those of what it means after them, where that is another text.
 */
const columns = {
  n: "int",
  url_id: "uuid",
  message_id: "uuid",
  method: "text",
  path: "text[]",
  custom_path: "text",
  query: "jsonb",
  headers: "jsonb",
  content_type: "text",
  format: "text",
  at: "int",
  size: "int",
  content_size: "int",
  has_view: "boolean",
  reading: "jsonb",
  preview: "text",
  api_digest: "text",
  basic_digests: "text[]",
  bearer_digest: "text",
  has_credentials: "boolean",
  verified: "text[]",
  is_post: "boolean",
  delivery_id: "text",
  delivery_content: "text",
  plain_id: "text",
  plain_content: "text",
  rules: "jsonb",
  sent_size: "int",
} as const;

type Columns = { [K in keyof typeof columns]?: unknown };
/** Columns whose values are JSON text already. */
const jsonTexts: ReadonlySet<string> = new Set(["query", "headers", "reading"]);

const encoder = new TextEncoder();

/** Requests as the statements' parameters: their bytes one after another, and one text that says the rest. */
function valuesOf(arrivals: Sent[]): [rows: string, bytes: Uint8Array] {
  const parts: Uint8Array[] = [];
  let at = 0;
  const rows = arrivals.map((sent, n) => {
    const content = sent.isBody ? undefined : encoder.encode(sent.content);
    const row = rowOf(sent, n, at, content?.length);
    parts.push(sent.body);
    if (content) parts.push(content);
    at += sent.body.length + (content?.length ?? 0);
    return row;
  });
  return [`[${rows.join()}]`, joined(parts, at)];
}

/** The bytes of them all, one after another; `length` is how many. */
export function joined(parts: Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function rowOf(sent: Sent, n: number, at: number, contentSize: number | undefined): string {
  const { delivery, plain } = sent;
  const row: Columns = {
    n,
    at,
    content_size: contentSize,
    url_id: sent.urlId,
    message_id: sent.messageId,
    method: sent.method,
    path: sent.path,
    custom_path: sent.customPath,
    query: sent.query,
    headers: sent.headers,
    content_type: sent.contentType,
    format: sent.format,
    size: sent.size,
    has_view: sent.view !== null,
    reading: sent.reading,
    preview: sent.preview,
    api_digest: sent.apiDigest,
    basic_digests: sent.basicDigests,
    bearer_digest: sent.bearerDigest,
    has_credentials: sent.hasCredentials,
    verified: sent.verified,
    is_post: sent.isPost,
    delivery_id: delivery && hexOf(delivery.id),
    delivery_content: delivery && hexOf(delivery.content),
    plain_id: plain && hexOf(plain.id),
    plain_content: plain && hexOf(plain.content),
    rules: sent.rules,
    sent_size: sent.sentSize,
  };
  const fields: string[] = [];
  for (const [name, value] of Object.entries(row))
    if (value !== null && value !== undefined)
      fields.push(`"${name}":${jsonTexts.has(name) ? value : sqlJson(value)}`);
  return `{${fields.join()}}`;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const sentColumns = Object.entries(columns)
  .map(([name, type]) => `${name} ${type}`)
  .join(", ");

type Texts = { rows: string; bytes: string };
/** SQL for bytes of an arriving request, and for a text of them as jsonb. */
const bodyOf = (p: Texts) => `substring(${p.bytes}::bytea from at + 1 for size)`;
const contentOf = (p: Texts) =>
  `convert_from(case when content_size is null then substring(${p.bytes}::bytea from at + 1 for size)
    else substring(${p.bytes}::bytea from at + size + 1 for content_size) end, 'UTF8')::jsonb`;

/** How many more runs must be left for neighbours in one statement to be let in without being counted one by one. */
const ample = 1000;

/**
 * Whether a project has so many runs left that it makes no difference how many messages of it there are in the statement:
 * where few are left, its plan is asked under a lock (`plan_room`), by the first row alone.
 */
const hasAmple = `(runs_per_minute is null or runs_per_minute > ${ample} and plan_left_of_minute(project_id, runs_per_minute) > ${ample})
      and (runs_per_month is null or runs_per_month > ${ample} and runs_per_month - plan_used(project_id, runs_per_month) > ${ample})`;

/** Whether a request asks for runs of a project that has a plan. */
const isPlanned = (once: typeof each): string =>
  `judgement = 'accepted' and (runs_per_month is not null or runs_per_minute is not null) and not ${once.isKnown}`;

const accepting = (p: Texts, once = each): string => `
with judged as (
  select sent.n, sent.message_id, sent.method, case when target.is_by_path then sent.path[2:] else sent.path end as path, sent.query,
    case when m.required is null then sent.headers else sent.headers
      || case when m.by_key then '{"x-api-key": "[REDACTED]"}'::jsonb else '{}' end
      || case when m.by_basic then '{"authorization": "Basic [REDACTED]"}'::jsonb
              when m.is_borne then '{"authorization": "Bearer [REDACTED]"}' else '{}' end
      || case when m.secret_headers is null then '{}' else coalesce(
           (select jsonb_object_agg(name, '[REDACTED]') from unnest(m.secret_headers) name where sent.headers ? name), '{}') end
    end as headers,
    sent.content_type, sent.format, sent.at, sent.size, sent.content_size, sent.has_view, sent.reading, sent.preview${once.names},
    target.project_id, target.trigger_id, target.workflow_id, target.snapshot_id, target.runs_per_month, target.runs_per_minute,
    target.limit_kind, target.full_until, target.is_by_path, target.takes_get, target.manner, target.order_path, target.is_paused, target.rules,
    coalesce(target.trigger_id, sent.url_id) as counted_id, coalesce(m.required, false) as required, m.signatures,
    ${once.retryAfter} as retry_after, case
    when m.required and not (m.by_key or m.by_basic or m.by_signature) then case
      when m.signatures is not null and sent.verified is null then 'signature'
      when sent.has_credentials then 'hidden' else 'unauthorized' end
    when not (sent.is_post or sent.method = 'GET' and target.takes_get) then 'found'
    when not target.enabled then 'disabled'
    when target.max_body_bytes is not null and sent.${once.sentSize} > target.max_body_bytes then 'too_large'
    when target.rules is distinct from ${once.rules} then 'rules'${once.limited}
    else 'accepted' end as judgement
  from jsonb_to_recordset(${p.rows}::jsonb) as sent (${sentColumns})
  cross join lateral (${targetOf("sent.url_id", "sent.custom_path")}) target
  left join lateral (
    select true as required,
      coalesce(bool_or(a.type = 'api' and (a.digest = sent.api_digest or a.old_ends_at > now() and a.old_digest = sent.api_digest)), false) as by_key,
      coalesce(bool_or(a.type = 'basic' and (a.digest = any(sent.basic_digests)
        or a.old_ends_at > now() and a.old_digest = any(sent.basic_digests))), false) as by_basic,
      coalesce(bool_or(a.type = 'api' and (a.digest = sent.bearer_digest or a.old_ends_at > now() and a.old_digest = sent.bearer_digest)), false) as is_borne,
      coalesce(bool_or(a.type = 'hmac' and (a.id || ':' || a.digest = any(sent.verified)
        or a.old_ends_at > now() and a.id || ':' || a.old_digest = any(sent.verified))), false) as by_signature,
      jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'version', a.digest, 'sealed', a.signature_secret, 'scheme', a.signature,
          'old', case when a.old_ends_at > now() then jsonb_build_object('version', a.old_digest, 'sealed', a.old_signature_secret) end))
        filter (where a.type = 'hmac') as signatures,
      ${secretHeaders} as secret_headers
    from auth_methods a
    where a.project_id = target.project_id
      and case when target.trigger_id is null then a.on_inbox
          else exists (select 1 from trigger_auth_methods x where x.trigger_id = target.trigger_id and x.auth_method_id = a.id) end
    having count(*) > 0
  ) m on true${once.lately}
  offset 0
),
roomy as (
  select judged.*${once.named ? ", name_id, name_content" : ""},
    case when ${isPlanned(once)} and n = 0 then plan_room(project_id, runs_per_month, runs_per_minute) end as room,
    n > 0 and ${isPlanned(once)} and not (${hasAmple}) as is_behind,
    judgement = 'accepted' and full_until > now() and not ${once.isKnown} as is_full
  from judged${once.named}
  offset 0
),
verdict as materialized (
  select *, case
    when is_full then 'backlog'
    when room < 0 then 'too_many_requests'
    when room = 0 and limit_kind = 'hard' then 'runs_hard_limit'
    when is_behind then 'again'
    else judgement end as verdict
  from roomy
),
${once.claimed}
arriving as not materialized (select * from verdict where verdict = 'accepted' and ${once.isFirst}),
${once.counted}
${matched(contentOf(p))},
message as (
  insert into messages (id, project_id, source, trigger_id, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches)
  select message_id, project_id, case when trigger_id is null then 'inbox' else 'webhook' end, trigger_id, method, path, query, headers,
    content_type, format, ${bodyOf(p)}, case when has_view then ${contentOf(p)} end, reading, size, preview,
    (select count(*) from matched where matched.message_id = arriving.message_id)
  from arriving
  returning id
),
${dueOfMessages},
${ordered({ room: "room as (select project_id, room from verdict where room is not null)" })},
${queued()},
made as (
  select o.message_id, bool_or(q.order_key is not null) as is_ordered,
    jsonb_agg(jsonb_build_object('work_order_id', o.id, 'run_id', q.id, 'workflow_id', o.workflow_id) order by q.id, o.id) as work_orders
  from orders o left join queued q on q.work_order_id = o.id group by o.message_id
)
select n, ${once.verdict} as verdict, project_id, trigger_id is not null as via_trigger, ${once.message} as message_id,
  coalesce(work_orders, '[]') as work_orders, room,
  case when verdict = 'signature' then signatures end as signatures, case when verdict <> 'accepted' then v.rules end as rules,
  required, case when is_full then ceil(extract(epoch from full_until - now()))::int else retry_after end as retry_after, manner, takes_get, is_by_path, 
  case when is_behind or room <= ${ample} or runs_per_minute <= ${ample} then 'alone' when is_ordered then 'own' end as company
from verdict v left join made on made.message_id = v.message_id${once.first}`;

export type AcceptStatement = { text: string; values(arrivals: Sent[]): unknown[] };

const acceptStatementOf = (once: typeof each): AcceptStatement => {
  const { text, values } = statement<{ rows: string; bytes: Uint8Array }>((p) => accepting(p, once));
  return {
    text,
    values(arrivals) {
      const [rows, bytes] = valuesOf(arrivals);
      return values({ rows, bytes });
    },
  };
};

/**
 * The one statement of the inbox: finds whose URL was called, checks its credentials, stores the message, matches it,
 * and queues a run per match. One statement, one commit, for one request or for several, whose verdicts are independent. An id is
 * one project's for ever (`taken_ids`); were there two, the project's own URL comes first.
 *
 * A row for each: n, verdict, project_id, via_trigger, message_id, work_orders [{work_order_id, run_id, workflow_id}], room, signatures,
 * manner, rules, required (credentials are), retry_after, takes_get, is_by_path, company. No row: unknown id. `run_id` is null of a work order for which the project's plan has no run left (`room`, see
 * `plan_room`). The verdict `signature` has written nothing: the URL's methods sign, `signatures` are they, and the caller is
 * to say which of them are `verified`. The verdict `again` has written nothing either: what those before it in the statement have
 * used up is known when it is committed. `company`: with whom the next of that URL had better be in a statement, as it may have to wait
 * for others of its project, or is counted one by one; null: with anybody.
 */
export const acceptStatement = acceptStatementOf(each);

const onceOnly = {
  names: ", sent.delivery_id, sent.delivery_content",
  named: byName,
  isKnown: known,
  claimed: claimed(),
  isFirst: "(name_id is null or exists (select 1 from claimed c where c.message_id = verdict.message_id))",
  verdict: "case when verdict = 'accepted' and c.message_id <> v.message_id then 'repeat' else verdict end",
  message: "coalesce(c.message_id, v.message_id)",
  first: " left join claimed c on c.delivery_id = v.name_id",
};

/**
 * The same for requests that name their delivery, of which no two are in one statement: the verdict `repeat` names the message
 * that came first with the same content, and has written only that it came again.
 */
export const acceptOnceStatement = acceptStatementOf({ ...each, ...onceOnly });

const isFull = (behind: string) =>
  `coalesce((target.rules->>'rate')::int <= url.count${behind}, false) or coalesce((target.rules->>'projectRate')::int <= whole.count${behind}, false)`;

/**
 * The same for URLs with rules of their own, which `rules` are: both others write nothing there, and answer with the verdict
 * `rules`, which names them, as this one does when they have changed since. Counts what came, and says `limited` where
 * that is more than the rules allow, with the seconds in `retry_after`; what is at work at the same instant is not seen.
 */
export const acceptByRulesStatement = acceptStatementOf({
  ...each,
  ...onceOnly,
  names: ", sent.delivery_id, sent.delivery_content, sent.plain_id, sent.plain_content",
  named: byEarlierName,
  sentSize: "sent_size",
  claimed: claimed(firstOfRule),
  rules: "sent.rules",
  lately: `${lately("coalesce(target.trigger_id, sent.url_id)")} url ${lately("target.project_id")} whole`,
  limited: `
    when ${isFull("")} then 'limited'
    when ${isFull(" + sent.n")} then 'again'`,
  retryAfter: `greatest(1, ceil(10 * (6 + greatest(
    case when (target.rules->>'rate')::int <= url.count then url.since end,
    case when (target.rules->>'projectRate')::int <= whole.count then whole.since end)) - extract(epoch from now())))::int`,
  counted,
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
