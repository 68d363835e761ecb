import { setTimeout as sleep } from "node:timers/promises";
import { type Database, database, openClient } from "@/db/client";
import { bringUpToDate } from "@/db/migrate";
import { firstIdAt } from "@/lib/domain/id-range";
import { partitionsOf } from "@/lib/domain/partition/parts";
import { carryOutRetention } from "@/lib/domain/retention/retain";
import { keepAll } from "@/lib/domain/retention/settings";
import { env } from "@/lib/env";
import { sqlJson } from "@/lib/sql-json";
import { createTarget } from "./setup";

const dayMs = 86_400_000;
const linesOfRun = 10;
const runsAtOnce = 10_000;

/**
 * What it takes to be rid of a day of logs that a project keeps no longer, of so many lines: where nobody needs the day's
 * partition, and where somebody else does.
 */
export async function measureDays(lines: number): Promise<void> {
  const client = await openClient(env().DATABASE_URL ?? "");
  await bringUpToDate(client).finally(() => client.end());
  for (const { name } of await partitionsOf(database(), "log_lines"))
    await database().query(`drop table ${name}`);
  const beside = await createTarget("beside", "fn(state => state);");
  for (const [what, day, isShared] of [
    ["as a whole", 20, false],
    ["run by run, since its partition is needed", 10, true],
  ] as const) {
    const { projectId } = await createTarget("days", "fn(state => state);");
    const at = (Math.floor(Date.now() / dayMs) - day) * dayMs;
    await database().query(
      `create table log_lines_day_${day} partition of log_lines for values from ('${firstIdAt(new Date(at))}') to ('${firstIdAt(new Date(at + dayMs))}')`,
    );
    for (let left = lines / linesOfRun; left > 0; left -= runsAtOnce)
      await database().query(logs, [projectId, Math.min(left, runsAtOnce), new Date(at)]);
    if (isShared) await database().query(logs, [beside.projectId, 1, new Date(at)]);
    await database().query("vacuum analyze");
    await database().query("update projects set retention = $2::jsonb where id = $1", [
      projectId,
      sqlJson({ ...keepAll, logs: { success: 7, failure: 7 } }),
    ]);
    await measureDay(projectId, { what, lines, partition: `log_lines_day_${day}` });
  }
}

type Day = { what: string; lines: number; partition: string };

async function measureDay(projectId: string, { what, lines, partition }: Day): Promise<void> {
  const began = performance.now();
  const since = () => ((performance.now() - began) / 1_000).toFixed(2);
  let [longest, hidden, gone] = [0, "", ""];
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const at = performance.now();
    const result = await work();
    longest = Math.max(longest, performance.now() - at);
    return result;
  };
  const { db } = database();
  const host: Database = {
    ...database(),
    db: new Proxy(db, {
      get: (of, name) =>
        name === "transaction"
          ? (work: Parameters<typeof db.transaction>[0]) => timed(() => of.transaction(work))
          : Reflect.get(of, name),
    }),
    query: (...call) => timed(() => database().query(...call)),
    transaction: (work) => timed(() => database().transaction(work)),
  };
  const isThere = async (text: string, values: unknown[]) =>
    (await database().query(text, values)).length > 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      if (!hidden && (await isThere("select 1 from logs_gone where project_id = $1", [projectId])))
        hidden = since();
      if (!gone && !(await isThere("select 1 where to_regclass($1) is not null", [partition])))
        gone = since();
      await sleep(20);
    }
  })();
  let done = { isDone: false };
  while (!done.isDone) done = await carryOutRetention(host, 20_000, { only: projectId });
  isOver = true;
  await watching;
  console.log(
    `${lines} lines of a day, ${what}: out of sight after ${hidden} s, gone after ${gone || since()} s, retention at rest after ${since()} s; the longest statement or transaction took ${longest.toFixed(0)} ms`,
  );
}

/** `$2` runs of the project `$1`, each with a step and ten lines of its log, one after another as a run writes them, at an hour of the day `$3`. */
const logs = `
with workflow as (
  select w.id, w.snapshot_id, j.id as job_id from workflows w join jobs j on j.workflow_id = w.id where w.project_id = $1
),
work_order as (
  insert into work_orders (id, project_id, workflow_id, snapshot_id, state)
  select (left(id_at($3::timestamptz + random() * interval '23 hours')::text, 14) || substr(gen_random_uuid()::text, 15))::uuid, $1, id, snapshot_id, 'success'
  from workflow, generate_series(1, $2::int) returning id
),
run as (
  insert into runs (id, project_id, workflow_id, work_order_id, snapshot_id, state, starting_job_id, started_at, finished_at)
  select work_order.id, $1, workflow.id, work_order.id, snapshot_id, 'success', job_id, now(), now() from work_order, workflow returning id
),
step as (
  insert into steps (id, project_id, run_id, workflow_id, job_id, job_name, adaptor, ordinal, exit_reason, log_lines, finished_at)
  select run.id, $1, run.id, workflow.id, job_id, 'Step', 'a@1', 0, 'success', ${linesOfRun}, now() from run, workflow returning id
)
insert into log_lines (step_id, seq, at, level, source, message)
select id, n, now(), 'info', 'JOB', 'The visit of patient ' || n || ' was stored in the registry.' from step, generate_series(0, ${linesOfRun - 1}) n order by id, n`;
