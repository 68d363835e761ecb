import type { Row } from "@/db/client";
import { type Statement, statement } from "@/db/statement";
import { limits } from "@/lib/limits";
import { outboxRow } from "@/lib/queue/events";
import type { TestMode } from "@/lib/words";
import type { Redaction } from "@/lib/workflow/types";
import type { Arrival } from "./statement";

/** The test URL of a draft, which is looked for when an id is nobody's: the way of live messages knows nothing of it. */
export type TestTarget = {
  projectId: string;
  redactions: Redaction[] | null;
  maxBodyBytes: number | null;
  isOpen: boolean;
  /** It was open once. */
  isOver: boolean;
  mode: TestMode | null;
  triggers: { id: string; type: string; takesGet: boolean | null }[] | null;
};

const drafts = (testId: string): string => `
  from drafts d join workflows w on w.id = d.workflow_id and w.deleted_at is null
  join projects p on p.id = d.project_id and p.deletion_scheduled_at is null
  join project_members m on m.project_id = d.project_id and m.user_id = d.user_id and m.role <> 'viewer'
  left join draft_tests s on s.draft_id = d.id
  where d.test_id = ${testId}::uuid`;

const finding = statement<{ testId: string }>(
  (
    p,
  ) => `/* checked: by the id of the URL */ select p.id as "projectId", p.redactions, p.max_body_bytes as "maxBodyBytes", coalesce(s.open_until > now(), false) as "isOpen",
    coalesce(s.open_until <= now(), false) as "isOver", s.mode,
    (select jsonb_agg(jsonb_build_object('id', t->>'id', 'type', t->>'type', 'takesGet', t->'takesGet')) from jsonb_array_elements(d.graph->'triggers') t
      where t->>'type' in ('webhook', 'message_filter')) as triggers
  ${drafts(p.testId)}`,
);

type Host = { query<T extends Row>(text: string, values: unknown[], name?: string): Promise<T[]> };

export const findTestTarget = async (host: Host, testId: string): Promise<TestTarget | undefined> =>
  (await host.query<TestTarget>(finding.text, finding.values({ testId }), "inbox-test-url"))[0];

export type TestArrival = Pick<
  Arrival,
  | "messageId"
  | "method"
  | "path"
  | "query"
  | "headers"
  | "contentType"
  | "format"
  | "body"
  | "view"
  | "reading"
  | "size"
  | "preview"
  | "content"
> & {
  testId: string;
  /** The one that the URL names; null: those whose filters take the message. */
  triggerId: string | null;
  /** What was obeyed, JSON. */
  redactions: string | null;
};

export type TestVerdict = {
  verdict: "accepted" | "limited" | "full" | "changed";
  projectId: string;
  mode: TestMode;
  tests: string[];
};

const tenSeconds = "floor(extract(epoch from now()) / 10)::int";

/** SQL for whether the trigger `t` of a draft's graph takes the message by its filters, as those of live triggers do. */
const takes = `case when nullif(t->'inclusion', 'null') is null then true else c.value @> (t->'inclusion') end
  and not case when nullif(t->'exclusion', 'null') is null then false else c.value @> (t->'exclusion') end`;

/**
 * Stores a message of source `test` and makes a test wait for each trigger of the draft that it is for: one statement, one
 * commit. Without a trigger in the URL those are the filters that take it, or, where the draft has none, its first webhook.
 */
export const acceptTestStatement: Statement<TestArrival> = statement<TestArrival>(
  (p) => `/* checked: by the id of the URL */
with target as (
  select d.id as draft_id, p.id as project_id, d.revision, d.graph, s.mode, p.redactions
  ${drafts(p.testId)} and s.open_until > now() limit 1
),
judged as (
  select target.*, case
    when redactions is distinct from ${p.redactions}::jsonb then 'changed'
    when (select coalesce(sum(c.count), 0) from arrival_counts c where (c.counted_id, c.ten_seconds) > (target.draft_id, ${tenSeconds} - 6)
      and (c.counted_id, c.ten_seconds) <= (target.draft_id, ${tenSeconds})) >= ${limits.testsPerMinute} then 'limited'
    when (select count(*) from test_runs t where t.project_id = target.project_id and t.state = 'waiting') >= ${limits.testsWaiting} then 'full'
    else 'accepted' end as verdict,
    (select count(*) from test_runs t where t.project_id = target.project_id and t.state = 'waiting') as waiting
  from target
),
arriving as (select * from judged where verdict = 'accepted'),
counted as (
  insert into arrival_counts as c (counted_id, ten_seconds, backend, count)
  select draft_id, ${tenSeconds}, pg_backend_pid(), 1 from arriving
  on conflict (counted_id, ten_seconds, backend) do update set count = c.count + 1
),
meaning as materialized (select (${p.content}::text)::jsonb as value),
chosen as (
  select (t->>'id')::uuid as trigger_id from arriving cross join meaning c
    cross join lateral jsonb_array_elements(arriving.graph->'triggers') with ordinality x(t, n)
  where case when ${p.triggerId}::text is not null then t->>'id' = ${p.triggerId}::text and (t->>'type' = 'webhook' or t->>'type' = 'message_filter' and ${takes})
    when t->>'type' = 'message_filter' then ${takes}
    else t->>'type' = 'webhook' and n = (select min(n) from jsonb_array_elements(arriving.graph->'triggers') with ordinality y(u, n) where u->>'type' = 'webhook')
      and not exists (select 1 from jsonb_array_elements(arriving.graph->'triggers') u where u->>'type' = 'message_filter') end
  order by n limit (select ${limits.testsWaiting} - waiting from arriving)
),
message as (
  insert into messages (id, project_id, source, method, path, query, headers, content_type, format, body, view, reading, size, preview, matches)
  select ${p.messageId}, project_id, 'test', ${p.method}, ${p.path}::text[], ${p.query}::jsonb, ${p.headers}::jsonb,
    ${p.contentType}, ${p.format}, ${p.body}::bytea, ${p.view}::jsonb, ${p.reading}::jsonb, ${p.size}, ${p.preview}, -1
  from arriving returning id
),
tests as (
  insert into test_runs (project_id, draft_id, revision, source, mode, start_trigger_id, input_of, message_id, graph)
  select arriving.project_id, arriving.draft_id, arriving.revision, 'url', arriving.mode, chosen.trigger_id, 'message', message.id, arriving.graph
  from arriving, chosen, message returning id, project_id
),
asked as (
  insert into outbox (project_id, event, data) select ${outboxRow("tests.project_id", "test/requested", { testId: "tests.id", projectId: "tests.project_id" })} from tests
)
select verdict, project_id as "projectId", mode, coalesce((select array_agg(id order by id) from tests), '{}') as tests from judged`,
);
