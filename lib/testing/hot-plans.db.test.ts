import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { ulid } from "@/inngest/embedded/protocol";
import { applySchema } from "@/inngest/embedded/schema";
import { createClinic } from "./clinic";
import { ownTestDatabase } from "./database";
import { sources } from "./guards/sources";
import { divideAnew, leavesOf } from "./partitions";
import { type Counted, CountingConnection, type PlanMode } from "./plans/counting";
import { type HotScene, hot } from "./plans/hot";
import { patternOf, statementNames } from "./plans/names";

const schema = "durable";
/** A loaded machine takes its time. */
const patience = 120_000;
const waiting = 20_000;
/** Autovacuum would come at a moment of its own, and take what the statistics are not to know. */
const growing = [
  ...[
    "messages",
    "work_orders",
    "runs",
    "steps",
    "step_attempts",
    "job_states",
    "stored_states",
    "log_lines",
    "audit_events",
    "outbox",
    "deliveries",
    "refused_requests",
    "arrival_counts",
  ],
  ...["event", "run", "queue", "step", "timer", "wait", "idempotency"].map((table) => `${schema}.${table}`),
];
let database: Database;
let url: string;
let scene: HotScene;
const clients: pg.Client[] = [];

beforeAll(async () => {
  database = await ownTestDatabase();
  url = process.env.DATABASE_URL ?? "";
  await applySchema(database, schema);
  await divideAnew(database, "log_lines", 30, 1);
  for (const leaf of await leavesOf(database, growing))
    await database.query(`alter table ${leaf} set (autovacuum_enabled = false)`);
}, patience);

afterAll(async () => {
  for (const client of clients) await client.end();
  await database?.close();
});

async function connection(mode: PlanMode): Promise<CountingConnection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return new CountingConnection(client, mode);
}

/** As little as the cases need, so that nothing waits. */
async function empty(): Promise<void> {
  await database.query(`truncate ${growing.join(", ")} cascade`);
  scene = { busy: await createClinic(), leaving: await createClinic(), schema };
  await fill(8);
}

/** As many runs that are over, with what they left behind. */
async function history(count: number): Promise<void> {
  const { busy } = scene;
  await database.query(
    `with m as (
       insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1' from generate_series(1, $5::int) returning id, project_id
     ),
     o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id, state)
       select m.project_id, w.id, w.snapshot_id, $3, m.id, 'success' from m join workflows w on w.id = $2 returning *
     ),
     r as (
       insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, state, started_at, finished_at)
       select project_id, workflow_id, id, message_id, snapshot_id, trigger_id, 'success', now(), now() from o returning *
     ),
     s as (
       insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, exit_reason, taken_edges, finished_at)
       select project_id, id, workflow_id, message_id, $4, 'Hooked', '@openfn/language-common@3.3.4', 0, 'success', '[]', now() from r returning *
     ),
     c as (
       insert into stored_states (project_id, type, body, size) select project_id, 'step_result', repeat('x', 200), 200 from s
     ),
     l as (
       insert into log_lines (step_id, seq, at, level, source, message) select id, 0, now(), 'info', 'JOB', 'a line' from s
     ),
     a as (
       insert into audit_events (project_id, actor_type, actor_label, event, item_id) select project_id, 'system', 'test', 'run.rerun', id::text from s
     )
     insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, started_at, finished_at)
     select message_id, job_id, project_id, workflow_id, job_name, 'success', id, 'success', started_at, finished_at from s`,
    [busy.project.id, busy.workflows.hook, busy.triggers.hook, busy.jobs.hooked, count],
  );
}

/** `count` runs of the busy project that wait, at every station: for the dispatcher, for the engine, for their turn. */
async function fill(count: number): Promise<void> {
  const { busy } = scene;
  await database.query(
    `with m as (
       insert into messages (project_id, source, method, path, query, headers, format, body, size, preview)
       select $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', '1', 1, '1' from generate_series(1, $4::int) returning id, project_id
     ),
     o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id)
       select m.project_id, w.id, w.snapshot_id, $3, m.id from m join workflows w on w.id = $2 returning *
     ),
     r as (
       insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, created_at)
       select project_id, workflow_id, id, message_id, snapshot_id, trigger_id, now() - interval '1 hour' from o returning *
     ),
     f as (
       insert into refused_requests (project_id, cause, room, status, method, path, query, headers, size, kept, preview, received_at, accepted_at)
       select case when one then id else project_id end, 'repeat', case when one then of || ' ' || id end, 200, 'POST', '{}', '{}', '{}', 1, 1, '', now() - interval '1 hour',
         case when one then null else now() end
       from m, unnest(array[true, false]) one, unnest(array['repeat', 'sender']) of
     ),
     a as (
       insert into arrival_counts (counted_id, ten_seconds, backend, count)
       select id, floor(extract(epoch from now()) / 10)::int, 0, 1 from m
     ),
     d as (
       insert into deliveries (url_id, delivery_id, content, project_id, message_id, first_at)
       select project_id, convert_to(id::text, 'UTF8'), '', project_id, id, now() - interval '1 hour' from m
     )
     insert into outbox (project_id, event, data)
     select project_id, 'run/requested', jsonb_build_object('runId', id, 'projectId', project_id, 'workflowId', workflow_id, 'priority', 0) from r`,
    [busy.project.id, busy.workflows.hook, busy.triggers.hook, count],
  );
  await database.query(
    `with r as (
       insert into ${schema}.run (id, fn, events, grp, lane, keys, limits, shared, rank)
       select concat($3::text, lpad(n::text, 16, '0')), 'waybill-execute-run', jsonb_build_array(jsonb_build_object('id', md5(random()::text), 'name', 'run/requested', 'ts', 0, 'data', jsonb_build_object('projectId', $1::text))),
         'waybill-execute-run|fn:' || $1, 'waybill-execute-run|fn:' || $1 || '|fn:' || n, array['fn:' || $1, 'fn:' || n], '{8,1}', 1, n
       from generate_series(1, $2::int) n returning *
     )
     insert into ${schema}.queue (id, run_id, fn, step, grp, lane, keys, limits, shared, rank, ready, run_at)
     select id || '|d0', id, fn, 'step', grp, lane, keys, limits, shared, rank, true, now() from r`,
    [busy.project.id, count, ulid().slice(0, 10)],
  );
}

const everythingDone = [
  "update runs set state = 'success', started_at = now(), finished_at = now()",
  "update work_orders set state = 'success'",
  `delete from outbox`,
  `delete from ${schema}.queue`,
  `update ${schema}.run set status = 'completed', ended_at = now()`,
  `vacuum analyze`,
];

type Found = Map<string, Counted>;

/** What each case's statements read at most, by case and statement. */
async function measure(through: CountingConnection): Promise<Found> {
  const found: Found = new Map();
  for (const [name, work] of Object.entries(hot))
    for (const one of await through.during((counting) => work(scene, counting))) {
      const key = `${name}: ${one.name ?? one.text.replaceAll(/\s+/g, " ").trim().slice(0, 160)}`;
      if (one.pages >= (found.get(key)?.pages ?? 0)) found.set(key, one);
    }
  return found;
}

/** A level more of an index for each look-up, and what is bounded in itself. */
const allowed = (key: string, before: number): number =>
  3 * before + (bounded.find(([prefix]) => key.startsWith(prefix))?.[1] ?? 60);

const bounded: [prefix: string, pages: number, why: string][] = [
  [
    "the clock",
    3_000,
    "A trigger that has never succeeded looks through its workflow's history for a success.",
  ],
  [
    "forgotten runs are looked for: durable.forgotten",
    4 * waiting,
    "Reads what the engine has queued, once for all runs that it is asked about, in at most a twentieth of the time.",
  ],
  ["forgotten runs are looked for", 15_000, "A look hands back up to 1,010 runs of a project."],
  ["health is asked", 500, "Counts up to 1,000 rows."],
  [
    "the sweep",
    8_000,
    "Once a minute hands back up to 500 runs, and looks for their rows among all that the outbox holds.",
  ],
];

const faultsOf = (alone: Found, now: Found, isKept: boolean): string[] =>
  [...now].flatMap(([key, { pages, partitions, name }]) => {
    if (process.env.SHOW_PLANS) console.log(key, alone.get(key)?.pages, pages);
    // Only what is prepared under a name has a plan that is kept.
    if (isKept && !name) return [];
    const before = alone.get(key)?.pages ?? 0;
    if (partitions > 1) return [`${key} looks into ${partitions} partitions of 30`];
    return pages > allowed(key, before) ? [`${key} reads ${pages} pages, ${before} when nothing waits`] : [];
  });

/** Three ways in which statistics say that nothing waits. */
const databases: Record<string, () => Promise<void>> = {
  "never analysed": empty,
  "analysed while it was empty": async () => {
    await database.query(`truncate ${growing.join(", ")} cascade`);
    await database.query("vacuum analyze");
    await empty();
  },
  "analysed when everything was done": async () => {
    await empty();
    await fill(2_000);
    for (const statement of everythingDone) await database.query(statement);
    await fill(8);
  },
};

describe.each(Object.entries(databases))(
  "in a database %s, each statement costs the same however much waits",
  (_, prepare) => {
    let kept: CountingConnection;
    let keptAlone: Found;
    let custom: CountingConnection;
    let customAlone: Found;

    beforeAll(async () => {
      await prepare();
      kept = await connection("force_generic_plan");
      custom = await connection("force_custom_plan");
      keptAlone = await measure(kept);
      customAlone = await measure(custom);
      await history(waiting / 4);
      await fill(waiting);
    }, patience);

    test(
      "with plans for the values at hand",
      async () => {
        expect(faultsOf(customAlone, await measure(custom), false)).toEqual([]);
      },
      patience,
    );

    test(
      "with plans for any values, made when nothing waited",
      async () => {
        expect(faultsOf(keptAlone, await measure(kept), true)).toEqual([]);
      },
      patience,
    );

    test(
      "with plans for any values, made now",
      async () => {
        expect(faultsOf(keptAlone, await measure(await connection("force_generic_plan")), true)).toEqual([]);
      },
      patience,
    );
  },
);

test(
  "every statement that is prepared under a name is among them",
  async () => {
    await empty();
    const through = await connection("force_custom_plan");
    const names = new Set<string>();
    for (const work of Object.values(hot))
      for (const { name } of await through.during((counting) => work(scene, counting)))
        if (name) names.add(name);
    const measured = (pattern: RegExp) => [...names].some((name) => pattern.test(name));
    const written = sources(["lib", "inngest", "db", "app"]).flatMap(({ text }) => statementNames(text));
    const asked = ["sql.query<Row>(", "`a $", '{b(", ")}`, [c, d], isOne ? "one" : `$', "{x}.many`)"].join(
      "",
    );
    expect(statementNames(asked)).toEqual(["one", "*.many"]);
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((name) => !measured(patternOf(name)))).toEqual([]);
  },
  patience,
);
