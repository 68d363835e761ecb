import { expect, test } from "vitest";
import { deleteProject } from "@/lib/domain/project/delete";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll, updateRetention } from "@/lib/domain/retention/settings";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { countingTuples } from "@/lib/testing/tuples";
import { carryOutDeletions } from "./due";

const database = await ownTestDatabase();

/**
 * What one transaction of the background may delete or replace, whatever hangs from a row: a step's log (50,000 lines at most)
 * is the largest thing that goes whole, and 8 MB out of line are 4,000 rows.
 */
const mostTuples = 6_000;
/** Of everything that may be many beneath one thing, more than that. */
const many = 7_000;

/** A project in which one message, one run and one of everything else hold so much that it is too much for one transaction. */
async function heavy(): Promise<{ clinic: Clinic; messageId: string }> {
  const clinic = await createClinic();
  const messageId = await clinic.receive({ form: "visit" });
  await clinic.execute(messageId, () => ({ output: '{"data":1}' }));
  const [at] = await database.query<{ runId: string; workflowId: string }>(
    `select id as "runId", workflow_id as "workflowId" from runs where message_id = $1 limit 1`,
    [messageId],
  );
  const ids = [clinic.project.id, messageId, at?.runId, at?.workflowId];
  // Half a megabyte that cannot be compressed, for what lies out of line.
  await database.query(
    "create table if not exists half_megabyte as select string_agg(md5(random()::text), '') as text from generate_series(1, 16000)",
  );
  for (const made of [
    `insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, exit_reason, finished_at, log_lines)
     select $1, $3, $4, $2, gen_random_uuid(), 'Step', 'a@1', 10 + n, 'success', now(), 1000 from generate_series(1, 8) n`,
    `insert into log_lines (step_id, seq, at, level, source, message)
     select id, n, now(), 'info', 'JOB', 'line' from steps, generate_series(1, 1000) n where project_id = $1 and log_lines = 1000`,
    `with clip as (insert into dataclips (project_id, type, body, size) select $1, 'step_result', to_json(text)::text, 512002
       from half_megabyte, generate_series(1, 28) returning id)
     insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, exit_reason, finished_at, output_dataclip_id)
     select $1, $3, $4, $2, gen_random_uuid(), 'Step', 'a@1', 100 + (row_number() over ())::int, 'success', now(), id from clip`,
    `insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
     select $1, 'inbox', 'POST', '{}', '{}', '{}', 'text', convert_to(text, 'UTF8'), 512000, '' from half_megabyte, generate_series(1, 28)`,
    `insert into collections (id, project_id, name, contents_id, items, bytes) values ($1, $1, 'visits', $1, 28, 14336000)`,
    `insert into collection_items (project_id, contents_id, key, value, bytes)
     select $1, $1, 'visit:' || n, text, 512000 from half_megabyte, generate_series(1, 28) n`,
    `insert into snapshots (project_id, workflow_id, lock_version, graph)
     select $1, $4, 1000 + n, jsonb_build_object('jobs', text) from half_megabyte, generate_series(1, 28) n`,
    `insert into deliveries (url_id, delivery_id, content, project_id, message_id)
     select $1, convert_to(n::text, 'UTF8'), '', $1, uuid_v7() from generate_series(1, ${many}) n`,
    `insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result)
     select id, gen_random_uuid(), $1, $4, 'Job', 'success' from messages, generate_series(1, 250) where project_id = $1`,
    `insert into issues (project_id, workflow_id, error_type, title, fingerprint, state, run_state, first_seen_at, last_seen_at, last_run_id, count)
     select $1, $4, 'JobError', 'no', n, 'open', 'failed', now(), now(), $3, 1 from generate_series(1, 80) n`,
    "insert into issue_days (issue_id, day, project_id, count) select id, current_date - n, $1, 1 from issues, generate_series(0, 90) n where project_id = $1",
    `insert into bulk_acts (id, project_id, name, kind, target, state, until, total, is_more, created_by_label)
     values ($1, $1, 'again', 'rerun', 'messages', 'done', $1, 0, false, 'Ada')`,
    `insert into bulk_refusals (act_id, item_id, project_id, reason) select $1, uuid_v7(), $1, 'unmatched' from generate_series(1, ${many})`,
    `insert into person_requests (id, project_id, state, key_count, until, created_by_label) values ($1, $1, 'found', 1, $1, 'Ada')`,
    `insert into person_items (request_id, project_id, kind, item_id, via, places, at)
     select $1, $1, 'run', uuid_v7(), 'found', '{error}', now() from generate_series(1, ${many})`,
    `insert into audit_events (project_id, actor_type, actor_label, event, item_id) select $1, 'user', 'Ada', 'run.rerun', 'x' from generate_series(1, ${many})`,
  ])
    await database.query(
      made
        .replaceAll("$1", `'${ids[0]}'::uuid`)
        .replaceAll("$2", `'${ids[1]}'::uuid`)
        .replaceAll("$3", `'${ids[2]}'::uuid`)
        .replaceAll("$4", `'${ids[3]}'::uuid`),
    );
  return { clinic, messageId };
}

const counted = async (clinic: Clinic, tables: string[]): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(
      tables.map(async (table) => {
        const [row] = await database.query<{ n: number }>(
          `select count(*)::int as n from ${table} where project_id = $1`,
          [clinic.project.id],
        );
        return [table, row?.n];
      }),
    ),
  );

test("no transaction that purges a project takes much, whatever hangs from a row", async () => {
  const { clinic } = await heavy();
  await deleteProject(clinic.ctx, { confirmName: clinic.project.name }, { atOnce: true });
  const counting = countingTuples(database);
  const purger = { announce: () => {}, forgetInEngine: async () => true };
  expect(await carryOutDeletions({ ...purger, database: counting.database }, 60_000)).toMatchObject({
    projects: 1,
    isDone: true,
  });
  expect(counting.most()).toBeLessThanOrEqual(mostTuples);
  expect(counting.most(), "what is counted").toBeGreaterThan(1_000);
}, 90_000);

test("no transaction of retention takes much, and all of it goes in the end", async () => {
  const { clinic } = await heavy();
  const days = { success: 3, failure: 3 };
  await updateRetention(clinic.ctx, {
    retention: { ...keepAll, messages: days, dataclips: days, logs: days, history: 30 },
    persistence: "retain_all",
  });
  for (const inDays of [5, 40]) {
    const counting = countingTuples(database);
    const now = new Date(Date.now() + inDays * 86_400_000);
    const only = clinic.project.id;
    while (!(await carryOutRetention(counting.database, 60_000, { now, only })).isDone);
    expect(counting.most()).toBeLessThanOrEqual(mostTuples);
    expect(counting.most(), "what is counted").toBeGreaterThan(1_000);
    const [told] = await database.query<{ lines: number; states: number; bodies: number }>(
      `select (select count(*)::int from log_lines l join steps s on s.id = l.step_id where s.project_id = $1) as lines,
         (select count(body)::int from dataclips where project_id = $1) as states,
         (select count(*)::int from messages where project_id = $1 and wiped_at is null) as bodies`,
      [only],
    );
    expect(told).toEqual({ lines: 0, states: 0, bodies: 0 });
  }
  const history = ["messages", "work_orders", "runs", "steps", "job_states", "dataclips"];
  expect(await counted(clinic, history)).toEqual(Object.fromEntries(history.map((table) => [table, 0])));
}, 90_000);
