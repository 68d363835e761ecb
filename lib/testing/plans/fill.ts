import type { Sql } from "@/db/client";
import { divideAnew, leavesOf } from "@/lib/testing/partitions";
import { growing } from "./explain";

/**
 * What the filled database holds, by number: message 1 is the oldest, one a minute, the last one arrives now. One
 * project is busy; what the quiet and the lapsed one have is old; the newest rows are another's.
 */
export type Volume = {
  messages: number;
  /** Every fourth of these is the quiet project's. */
  quietUntil: number;
  /** Every third from there to here is the lapsed project's: enough for its share to look like a steady trickle. */
  lapsedUntil: number;
  /** Until here two messages of five went to its project's second workflow, which has been idle since. */
  idleAfter: number;
  /** What arrived from here on still waits for its run. */
  waitingFrom: number;
  busyUntil: number;
};

/** Of so many messages: what is more than 100,000 is the busy project's history. */
export const volumeOf = (messages: number): Volume => ({
  messages,
  quietUntil: 2_000,
  lapsedUntil: 14_000,
  idleAfter: 20_000,
  waitingFrom: messages - 9_999,
  busyUntil: messages - 500,
});
export const volume = volumeOf(100_000);

export type Tenant = { project: string; workflows: [string, string]; jobs: [string, string, string] };

/** Fixed ids: a person, and projects of two workflows each (two jobs in the first, one in the second). */
const fixed = (kind: string, n: number) =>
  `00000000-0000-4000-8000-${kind.padStart(4, "0")}${String(n).padStart(8, "0")}`;
export const person = fixed("a", 1);
const tenant = (n: number): Tenant => ({
  project: fixed("b", n),
  workflows: [fixed("c", 2 * n), fixed("c", 2 * n + 1)],
  jobs: [fixed("d", 3 * n), fixed("d", 3 * n + 1), fixed("d", 3 * n + 2)],
});
export const tenants = { busy: tenant(1), quiet: tenant(2), lapsed: tenant(3), other: tenant(4) } as const;

/** First argument of the SQL function `plan_id`, which names the row that belongs to a message's number. */
export const kinds = {
  message: 1,
  order: 2,
  run: 3,
  step: 4,
  catch: 5,
  clip: 6,
  audit: 7,
  notice: 8,
} as const;

/** Messages in the middle of what each project has, matched and finished; their first step's log is long. */
export const middle = { busy: 50_011, quiet: 1_004, lapsed: 8_004 } as const;

/** How many partitions what is filled in is spread over. */
const partitions = 30;
const minutesADay = 1_440;

/** Messages that one statement fills in at most. */
const partRows = 100_000;

/**
 * Fills a migrated, empty database. `halfway` is called when a tenth of 100,000 is there: what is analysed then says of the
 * rest that there is only one project and that nothing waits.
 */
export async function fill(sql: Sql, halfway: () => Promise<unknown>, of: Volume = volume): Promise<void> {
  const tenth = volume.messages / 10;
  await divideAnew(sql, "log_lines", partitions, of.messages / minutesADay / partitions);
  for (const leaf of await leavesOf(sql, filled))
    await sql.query(`alter table ${leaf} set (autovacuum_enabled = false)`);
  for (const statement of setup(of)) await sql.query(statement);
  for (const statement of rows(of, 1, tenth)) await sql.query(statement);
  await halfway();
  for (let first = tenth + 1; first <= of.messages; first += partRows)
    for (const statement of rows(of, first, Math.min(of.messages, first + partRows - 1)))
      await sql.query(statement);
}

const pickByNumber = (of: Volume, pick: (t: Tenant) => string) => `case
  when n <= ${of.quietUntil} and n % 4 = 0 then '${pick(tenants.quiet)}'
  when n between ${of.quietUntil + 1} and ${of.lapsedUntil} and n % 3 = 0 then '${pick(tenants.lapsed)}'
  when n > ${of.busyUntil} then '${pick(tenants.other)}'
  else '${pick(tenants.busy)}' end::uuid`;
const now = Date.now();

/** One row a message of these numbers, with everything that the tables are filled from. */
const facts = (of: Volume, first: number, last: number) => `create table plan_part as
  select f.*, case when state not in ('pending', 'running') then plan_id(${kinds.clip}, n) end as clip,
    state in ('failed', 'crashed') or handled as step_failed,
    case when handled then 'handled' else case state when 'failed' then 'failure' when 'crashed' then 'failure' when 'running' then 'in_progress' when 'success' then 'success' end end as result,
    case when handled then 'fail' else case state when 'failed' then 'fail' when 'crashed' then 'crash' when 'success' then 'success' end end as reason
  from (
    select g.*, matched and not second and n < ${of.waitingFrom} and n % 50 = 27 as handled, plan_id(${kinds.message}, n) as message,
      to_timestamp(${now}::float8 / 1000) - (${of.messages} - n) * interval '1 minute' as at,
      ${pickByNumber(of, (t) => t.project)} as project,
      ${pickByNumber(of, (t) => t.jobs[1])} as job_catch,
      case when second then ${pickByNumber(of, (t) => t.workflows[1])} else ${pickByNumber(of, (t) => t.workflows[0])} end as workflow,
      case when second then ${pickByNumber(of, (t) => t.jobs[2])} else ${pickByNumber(of, (t) => t.jobs[0])} end as job,
      case when not matched then null
        when n >= ${of.waitingFrom} and n % 500 = 1 then 'running'
        when n >= ${of.waitingFrom} then 'pending'
        when n % 20000 = 7 then 'crashed'
        when n % 50 = 7 and not second then 'failed'
        else 'success' end as state
    from (
      select n, n <= ${of.idleAfter} and n % 5 in (1, 3) as second, n % 10 <> 0 as matched from generate_series(${first}, ${last}) n
    ) g
  ) f`;

const words = "'Amina', 'Bello', 'Chidi', 'Dalia', 'Efua', 'Farid', 'Grace', 'Hassan'";
const body = `jsonb_build_object('form', 'home-visit', 'number', n, 'patient', jsonb_build_object('id', 'P-' || n, 'name', (array[${words}])[1 + n % 8]), 'notes', repeat(md5(n::text), 8))::text`;

const workflowRows = Object.values(tenants).flatMap((t) =>
  t.workflows.map((id, i) => `('${id}', '${t.project}', '${i === 0 ? "Visits" : "Yearly"}')`),
);
const jobRows = Object.values(tenants).flatMap((t) =>
  t.jobs.map(
    (id, i) =>
      `('${id}', '${t.project}', '${t.workflows[i === 2 ? 1 : 0]}', 'Job ${i}', 'fn(s => s)', '@openfn/language-common@3.3.4', '3.3.4')`,
  ),
);
const projectRows = Object.values(tenants).map((t, i) => `('${t.project}', 'plan-${i}')`);
/** A long bulk act of each project, which has the project's id. */
const actRows = Object.values(tenants).map(({ project }) => `('${project}', '${project}')`);
const filled = [...growing, "outbox"];

const setup = (of: Volume): string[] => [
  // The ids of the product are time-ordered; these are, too, and can be named by number.
  `create function plan_id(kind int, n int) returns uuid language sql immutable as $f$
    select (lpad(to_hex(${now}::bigint - (${of.messages} - n) * 60000::bigint + kind), 12, '0') || '7' || '00' || to_hex(kind) || '8000' || lpad(to_hex(n), 12, '0'))::uuid
  $f$`,
  `insert into users (id, email, name, email_verified) values ('${person}', 'ada@example.org', 'Ada', now())`,
  `insert into projects (id, name) values ${projectRows.join(", ")}`,
  `update projects set protection = '{"masks": ["$.patient.name"], "maskedRoles": ["viewer"], "revealRoles": [], "noDownloadRoles": []}'`,
  `insert into project_members (project_id, user_id, role) select id, '${person}', 'owner' from projects`,
  `insert into bulk_acts (id, project_id, name, kind, target, state, until, total, is_more, refused, created_by_label)
    select a.id, a.project::uuid, 'again', 'rerun', 'messages', 'done', a.id, 0, false, 1, 'Ada'
    from (values ${actRows.join(", ")}) own (project, act)
    cross join lateral (select own.act::uuid as id, own.project union all select uuid_v7(), own.project from generate_series(1, 1000)) a`,
  // Of each project one issue with its id, that affects much, and 200 others.
  `insert into issues (id, project_id, workflow_id, error_type, title, fingerprint, state, run_state, first_seen_at, last_seen_at, last_run_id, count)
    select a.id, a.project::uuid, a.project::uuid, 'JobError', 'no', a.n, case when a.n % 2 = 0 then 'open' else 'resolved' end, 'failed', now(), now(), a.id, 1
    from (values ${actRows.join(", ")}) own (project, act)
    cross join lateral (select own.act::uuid as id, own.project, 0 as n union all select uuid_v7(), own.project, n from generate_series(1, 200) n) a`,
  `insert into issue_days (issue_id, day, project_id, count) select id, current_date - n, project_id, n from issues, generate_series(0, 90) n`,
  `insert into person_requests (id, project_id, state, key_count, until, created_by_label)
    select a.id, a.project::uuid, 'found', 1, a.id, 'Ada' from (values ${actRows.join(", ")}) own (project, act)
    cross join lateral (select own.act::uuid as id, own.project union all select uuid_v7(), own.project from generate_series(1, 1000)) a`,
  `insert into person_items (request_id, project_id, kind, item_id, via, places, at)
    select own.act::uuid, own.project::uuid, 'run', uuid_v7(), 'found', '{error}', now() from (values ${actRows.join(", ")}) own (project, act), generate_series(1, 5000)`,
  `insert into workflows (id, project_id, name) values ${workflowRows.join(", ")}`,
  `insert into snapshots (id, project_id, workflow_id, lock_version, graph)
    select id, project_id, id, 1, '{"triggers": [], "jobs": [], "edges": []}' from workflows`,
  "update workflows set snapshot_id = id, lock_version = 1",
  // All of them have been changed since.
  `insert into drafts (project_id, workflow_id, user_id, base_version, graph)
    select w.project_id, w.id, u.id, 1, '{"name": "Draft", "orderKey": null, "triggers": [], "jobs": [], "edges": []}' from workflows w, users u`,
  `insert into test_runs (project_id, draft_id, revision, source, mode, state, input_of, finished_at)
    select project_id, id, 1, 'url', 'record', 'success', 'none', now() from drafts, generate_series(1, 50)`,
  `insert into test_steps (test_run_id, ordinal, project_id, job_id, job_name, content)
    select id, n, project_id, gen_random_uuid(), 'Job ' || n, null from test_runs, generate_series(0, 2) n`,
  "insert into draft_tests (draft_id, project_id) select id, project_id from drafts",
  "insert into deploys (project_id, versions, source) select project_id, jsonb_object_agg(id, 0), 'cli' from workflows group by project_id",
  `insert into jobs (id, project_id, workflow_id, name, body, adaptor, adaptor_version) values ${jobRows.join(", ")}`,
  "insert into library_jobs (project_id, name, version) select p.id, 'entry ' || n, 20 from projects p, generate_series(1, 200) n",
  `insert into library_versions (project_id, library_job_id, version, body, adaptor, adaptor_version)
    select l.project_id, l.id, n, repeat('x', 2000), '@openfn/language-common@3.3.4', '3.3.4' from library_jobs l, generate_series(1, 20) n`,
  `update jobs j set library_job_id = (select id from library_jobs l where l.project_id = j.project_id limit 1), library_version = 3`,
  `insert into triggers (project_id, workflow_id, type, inclusion) select project_id, id, 'message_filter', '{"form": "home-visit"}' from workflows`,
  `insert into triggers (project_id, workflow_id, type, cron_expression, next_run_at) select project_id, id, 'cron', '0 * * * *', now() + interval '1 hour' from workflows`,
  `insert into triggers (project_id, workflow_id, type, cron_expression, next_run_at) select project_id, id, 'cron', '0 * * * *', now() - interval '1 minute' from workflows where name = 'Visits'`,
  `insert into edges (project_id, workflow_id, source_trigger_id, target_job_id, condition_type)
    select t.project_id, t.workflow_id, t.id, (select id from jobs j where j.workflow_id = t.workflow_id limit 1), 'always' from triggers t`,
  "update issues i set workflow_id = (select id from workflows w where w.project_id = i.project_id order by id limit 1)",
  `update snapshots s set graph = jsonb_build_object(
      'name', (select name from workflows w where w.id = s.workflow_id),
      'triggers', (select jsonb_agg(jsonb_build_object('id', id, 'type', type)) from triggers t where t.workflow_id = s.workflow_id),
      'jobs', (select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'body', body, 'adaptor', adaptor)) from jobs j where j.workflow_id = s.workflow_id),
      'edges', (select jsonb_agg(jsonb_build_object('sourceTriggerId', source_trigger_id, 'targetJobId', target_job_id, 'conditionType', 'always', 'enabled', true)) from edges e where e.workflow_id = s.workflow_id))`,
  `insert into credentials (id, owner_id, name, body) select gen_random_uuid(), '${person}', 'c' || n, 'x' from generate_series(1, 20) n`,
  "insert into project_credentials (project_id, credential_id) select p.id, c.id from projects p, credentials c",
  "insert into credential_bodies (credential_id, env, body) select c.id, e, 'x' from credentials c, unnest(array['dev', 'staging', 'test']) e",
  `insert into keychain_credentials (project_id, name, path, default_project_credential_id)
    select l.project_id, 'k' || l.id, '$.data.id', l.id from project_credentials l`,
  // Of each project one collection whose contents have the project's id, the busy one's large, and twenty others.
  `insert into collections (id, project_id, name, contents_id, items, bytes)
    select id, id, 'visits', id, 40000, 4000000 from projects union all select gen_random_uuid(), id, 'c' || n, gen_random_uuid(), 0, 0 from projects, generate_series(1, 20) n`,
  `insert into collection_items (project_id, contents_id, key, value, bytes)
    select p.id, p.id, 'visit:' || n, repeat(md5(n::text), 3), 100 from projects p, generate_series(1, 40000) n
    where p.id = '${tenants.busy.project}' or n <= 500`,
  "insert into auth_methods (project_id, name, type, secret, digest) select id, 'key', 'api', 'x', 'x' from projects",
  `insert into invitations (project_id, email, role, token_hash, expires_at) select p.id, 'guest' || n || '@example.org', 'viewer', concat(p.id, n), now() + interval '1 day' from projects p, generate_series(1, 20) n`,
  `insert into api_tokens (user_id, name, token_hash) select '${person}', 't' || n, 'hash' || n from generate_series(1, 20) n`,
  "insert into project_tokens (project_id, name, scopes, token_hash) select p.id, 't' || n, '{read}', concat(p.id, n) from projects p, generate_series(1, 20) n",
  `insert into sessions (user_id, user_agent) select '${person}', 'browser' from generate_series(1, 20) n`,
  "update usage_counted set counted_to = id_at(now() + interval '1 day'), bytes_to = id_at(now() + interval '1 day')",
  "insert into usage_days (project_id, day, runs) select p.id, current_date - n, n from projects p, generate_series(0, 400) n",
  // Two weeks of hours of each workflow and job, and of the last ones what twenty connections counted.
  `insert into end_counts (project_id, workflow_id, job_id, hour, outcome, slot, count)
    select w.project_id, w.id, j.id, date_trunc('hour', now()) - h * interval '1 hour', o, s, 1
    from workflows w cross join lateral (select id from jobs where workflow_id = w.id union all select '00000000-0000-0000-0000-000000000000') j,
      generate_series(0, 336) h, unnest(array['success', 'lost', 'exception']) o, generate_series(0, case when h < 2 then 20 else 0 end) s`,
];

/** Everything that belongs to the messages of these numbers. */
const rows = (of: Volume, first: number, last: number): string[] => [
  "drop table if exists plan_part",
  facts(of, first, last),
  `insert into messages (id, project_id, source, method, path, query, headers, content_type, format, body, size, preview, matches, received_at)
    select message, project, 'inbox', 'POST', '{}', '{}', '{"content-type": "application/json"}', 'application/json', 'json', convert_to(b, 'UTF8'), length(b), left(b, 160), matched::int, at
    from (select *, ${body} as b from plan_part) f order by n`,
  `insert into deliveries (url_id, delivery_id, content, project_id, message_id, times, first_at)
    select project, convert_to(message::text, 'UTF8'), '', project, message, 1 + (n % 100 = 0)::int, at from plan_part order by n`,
  `insert into refused_requests (id, project_id, cause, room, status, method, path, query, headers, size, kept, preview, received_at, accepted_at)
    select message, project, 'no_credentials', case when n % 1000 = 4 then 'stranger ' || project end, 401, 'POST', '{}', '{}', '{}', 1, 1, '', at, case when n % 1000 <> 4 then at end
    from plan_part where n % 20 in (4, 11) order by n`,
  `insert into work_orders (id, project_id, workflow_id, snapshot_id, message_id, state, step_failed, created_at, last_activity)
    select plan_id(${kinds.order}, n), project, workflow, workflow, message, state, step_failed, at, at from plan_part where matched order by n`,
  `insert into runs (id, project_id, workflow_id, work_order_id, message_id, snapshot_id, state, step_failed, bulk_act_id, created_at, started_at, finished_at)
    select plan_id(${kinds.run}, n), project, workflow, plan_id(${kinds.order}, n), message, workflow, state, step_failed,
      case when n % 10 = 3 then project end, at, case when state <> 'pending' then at end, case when state not in ('pending', 'running') then at end
    from plan_part where matched order by n`,
  `insert into bulk_refusals (act_id, item_id, project_id, reason)
    select project, plan_id(${kinds.message}, n), project, 'unmatched' from plan_part where not matched order by n`,
  `insert into stored_states (id, project_id, type, name, body, size, created_at)
    select clip, project, 'step_result', case when n % 397 = 0 or n in (${Object.values(middle)}) then 'visit ' || n end, ${body}, 400, at from plan_part where clip is not null order by n`,
  `insert into steps (id, project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, output_dataclip_id, exit_reason, handled, log_lines, started_at, finished_at)
    select plan_id(${kinds.step}, n), project, plan_id(${kinds.run}, n), workflow, message, job, 'Job', '@openfn/language-common@3.3.4', 0, clip, reason, handled, 1, at, case when reason is not null then at end
    from plan_part where state <> 'pending' order by n`,
  `insert into issue_orders (issue_id, work_order_id, project_id, message_id, run_id, step_id, failed_at, healed_at)
    select project, plan_id(${kinds.order}, n), project, message, plan_id(${kinds.run}, n), plan_id(${kinds.step}, n), at, case when n % 100 = 57 then at end
    from plan_part where state = 'failed' order by n`,
  // what follows a failure
  `insert into steps (id, project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, output_dataclip_id, exit_reason, log_lines, started_at, finished_at)
    select plan_id(${kinds.catch}, n), project, plan_id(${kinds.run}, n), workflow, message, job_catch, 'Catch', '@openfn/language-common@3.3.4', 1, clip, 'success', 0, at, at
    from plan_part where state = 'failed' or handled order by n`,
  `insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, handled, started_at, finished_at, running_steps, created_at)
    select message, job, project, workflow, 'Job', result, plan_id(${kinds.step}, n), reason, result = 'handled', at, at, (result = 'in_progress')::int, at from plan_part where result is not null order by n`,
  `insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, started_at, finished_at, created_at)
    select message, job_catch, project, workflow, 'Catch', 'success', plan_id(${kinds.catch}, n), 'success', at, at, at from plan_part where state = 'failed' or handled order by n`,
  `insert into log_lines (step_id, seq, at, level, source, message)
    select plan_id(${kinds.step}, n), 0, at, 'info', 'JOB', 'a line of ' || n from plan_part where reason is not null order by n`,
  `insert into log_lines (step_id, seq, at, level, source, message)
    select plan_id(${kinds.step}, n), seq, now(), case when seq % 100 = 0 then 'error' else 'info' end, 'JOB', 'line ' || seq
    from plan_part, generate_series(1, 5000) seq where n in (${Object.values(middle)})`,
  `insert into audit_events (id, project_id, actor_type, actor_label, event, item_id, created_at)
    select plan_id(${kinds.audit}, n), project, 'user', 'ada@example.org', 'run.rerun', message::text, at from plan_part where n % 5 = 0 order by n`,
  `insert into notices (id, project_id, kind, key, user_id, lane, state, subject)
    select plan_id(${kinds.notice}, n), project, 'issue', 'issue:' || n, '${person}', project, case when n % 50 = 0 then 'failed' else 'sent' end, 'Payment failed'
    from plan_part where n % 5 = 0 order by n`,
  `insert into outbox (event, data)
    select 'run/requested', jsonb_build_object('runId', plan_id(${kinds.run}, n), 'projectId', project, 'workflowId', workflow, 'priority', 0) from plan_part where state = 'pending' order by n`,
  "drop table plan_part",
];
