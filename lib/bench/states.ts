import { connect, type Database, database, openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { paceOf } from "@/lib/domain/purge/pace";
import { purgeProject } from "@/lib/domain/purge/project";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll } from "@/lib/domain/retention/settings";
import { env } from "@/lib/env";
import { sqlJson } from "@/lib/sql-json";
import { processorMs } from "./memory";
import { oldId } from "./retention";
import { createTarget } from "./setup";

const runsAtOnce = 10_000;
const days = { success: 7, failure: 7 };

/**
 * What it takes to be rid of what `states` steps returned, of a month ago and 1 KB each: wiped by retention, deleted with
 * their history, and purged with their project.
 */
export async function measureStates(states: number): Promise<void> {
  const url = env().DATABASE_URL ?? "";
  const client = await openClient(url);
  await bringUpToDate(client).finally(() => client.end());
  const alone = connect(url, { max: 1, kind: "background" });
  const kept = await filled(states);
  const retain = async (retention: typeof keepAll) => {
    await database().query("update projects set retention = $2::jsonb where id = $1", [
      kept,
      sqlJson(retention),
    ]);
    let done = { isDone: false };
    while (!done.isDone) done = await carryOutRetention(alone, 20_000, { only: kept });
  };
  await account(alone, "wiped", states, () => retain({ ...keepAll, dataclips: days }));
  await account(alone, "vacuumed", states, () => alone.query("vacuum stored_states"));
  await account(alone, "deleted with the history", states, () => retain({ ...keepAll, history: 7 }));
  const purged = await filled(states);
  await database().query(
    "update projects set deletion_scheduled_at = now() - interval '9 days', deletes_at = now() - interval '1 day' where id = $1",
    [purged],
  );
  await account(alone, "purged with the project", states, async () => {
    const deps = () => ({ pace: paceOf(20_000), forgetInEngine: async () => true });
    while (!(await purgeProject(alone, purged, deps())));
  });
  await alone.close();
}

/** A project of so many runs, each with a step and what it returned. */
async function filled(states: number): Promise<string> {
  const { projectId } = await createTarget("states", "fn(state => state);");
  for (let left = states; left > 0; left -= runsAtOnce)
    await database().query(returned, [projectId, Math.min(left, runsAtOnce)]);
  await database().query("vacuum analyze");
  await database().query("checkpoint");
  return projectId;
}

async function account(alone: Database, what: string, states: number, work: () => Promise<unknown>) {
  const [before, began] = [await spent(alone), performance.now()];
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const after = await spent(alone);
  const us = (1_000 * (after.ms - before.ms)) / states;
  const [pages, wal] = [(after.pages - before.pages) / states, (after.wal - before.wal) / states];
  console.log(
    `${states} states ${what}: ${seconds.toFixed(1)} s, each ${us.toFixed(0)} µs of the database's processor, ${pages.toFixed(0)} looks at pages and ${wal.toFixed(0)} bytes of log`,
  );
}

type Spent = { ms: number; pages: number; wal: number };

async function spent(sql: Database): Promise<Spent> {
  await sql.query("select pg_stat_force_next_flush()");
  const [own] = await sql.query<{ pid: number } & Omit<Spent, "ms">>(
    `select w.wal_bytes::float8 as wal, (d.blks_hit + d.blks_read)::float8 as pages, pg_backend_pid() as pid
     from pg_stat_get_backend_wal(pg_backend_pid()) w, pg_stat_database d where d.datname = current_database()`,
  );
  if (!own) throw new Error("There is no record of what was written.");
  return { ...own, ms: processorMs(own.pid) };
}

/** `$2` runs of the project `$1`, each with a step that returned a kilobyte. */
const returned = `
with workflow as (
  select w.id, w.snapshot_id, j.id as job_id from workflows w join jobs j on j.workflow_id = w.id where w.project_id = $1
),
work_order as (
  insert into work_orders (id, project_id, workflow_id, snapshot_id, state, created_at, last_activity)
  select ${oldId}, $1, id, snapshot_id, 'success', now() - interval '30 days', now() - interval '30 days'
  from workflow, generate_series(1, $2::int) returning id
),
run as (
  insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state, starting_job_id, started_at, finished_at)
  select work_order.id, $1, workflow.id, work_order.id, snapshot_id, 'success', job_id, now(), now() from work_order, workflow returning id
),
output as (
  insert into stored_states (id, project_id, type, body, size)
  select id, $1, 'step_result', json_build_object('data', (select string_agg(md5(id::text || n), ' ') from generate_series(1, 30) n))::text, 1000 from run
)
insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, output_dataclip_id, exit_reason, finished_at)
select run.id, $1, run.id, workflow.id, job_id, 'Step', 'a@1', 0, run.id, 'success', now() from run, workflow`;
