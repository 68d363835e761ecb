import type { Database, Sql } from "@/db/client";
import { requestNextOf } from "./events";
import { followerJson } from "./lines";
import type { QueuedRun } from "./queue";

const runsAtOnce = 500;
const linesAtOnce = 200;

/** Runs that were let go, and whether there may be more. */
export type Released = { runs: QueuedRun[]; isMore: boolean };

/** Runs without a key, oldest first. Those that somebody has in hand just now are for the next time. */
const releaseUnordered = `
/* checked: of the project's runs */
with oldest as materialized (select id from kept_runs($1, ${runsAtOnce}) id),
due as materialized (
  select id from runs where id = any(array(select id from oldest)) order by id for no key update skip locked
),
followers as (
  update runs r set waits_for = null
  where r.id = any(array(select id from due)) and r.finished_at is null and r.waits_for = 'resume' returning r.*
),
requested as (
  insert into outbox (project_id, event, data) select ${requestNextOf("followers")} from followers order by followers.id
)
select ${followerJson} as runs, (select count(*)::int from oldest) as found`;

/** Lines behind ($2, $3) and which of them are idle: nobody is under way although somebody waits. */
const linesBehind = `select workflow_id as "workflowId", order_key as "orderKey", is_idle as "isIdle"
from lines_behind($1, $2, $3, ${linesAtOnce})`;

type Line = { workflowId: string; orderKey: string; isIdle: boolean };

const nextOfLines = `
with asked as materialized (
  select a.workflow_id, a.order_key from unnest($2::uuid[], $3::text[]) a (workflow_id, order_key)
  where not is_paused($1, a.workflow_id) order by 1, 2
),
followers as materialized (
  select n.* from (select * from asked order by workflow_id, order_key offset 0) a
    cross join lateral next_in_line($1, a.workflow_id, a.order_key, '{}') n
),
requested as (insert into outbox (project_id, event, data) select ${requestNextOf("followers")} from followers)
select ${followerJson} as runs`;

const beforeAll = { workflowId: "00000000-0000-0000-0000-000000000000", orderKey: "" };

/**
 * Lets go what nothing is in the way of any more, some at a time: runs without a key of workflows that go on, and the
 * first of each line that nobody is under way in. Safe to call at any time, by anybody.
 */
export async function releaseSome(database: Database, projectId: string): Promise<Released> {
  const [unordered] = await database.query<{ runs: QueuedRun[]; found: number }>(
    releaseUnordered,
    [projectId],
    "release-unordered",
  );
  if (unordered?.found === runsAtOnce) return { runs: unordered.runs, isMore: unordered.runs.length > 0 };
  const runs = [...(unordered?.runs ?? [])];
  let after = beforeAll;
  let lines: Line[];
  do {
    lines = await database.query<Line>(linesBehind, [projectId, after.workflowId, after.orderKey], "lines");
    runs.push(...(await releaseLines(database, projectId, lines)));
    after = lines.at(-1) ?? after;
  } while (lines.length === linesAtOnce);
  return { runs, isMore: false };
}

async function releaseLines(sql: Sql, projectId: string, lines: Line[]): Promise<QueuedRun[]> {
  const idle = lines.filter(({ isIdle }) => isIdle);
  if (idle.length === 0) return [];
  const [row] = await sql.query<{ runs: QueuedRun[] }>(
    nextOfLines,
    [projectId, idle.map(({ workflowId }) => workflowId), idle.map(({ orderKey }) => orderKey)],
    "release-lines",
  );
  return row?.runs ?? [];
}

/** Projects that have runs which wait for a turn or for their workflow, and that are not paused themselves. */
export async function heldProjects(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `/* all tenants: the safety net */ select p.id from projects p
     where p.paused_at is null and p.deletion_scheduled_at is null and (
       exists (select 1 from runs r where r.project_id = p.id and r.order_key is not null and r.state in ('pending', 'running'))
       or exists (select 1 from runs r where r.project_id = p.id and r.state = 'pending' and r.waits_for = 'resume' and r.order_key is null))
     order by p.id`,
    [],
    "held-projects",
  );
  return rows.map(({ id }) => id);
}
