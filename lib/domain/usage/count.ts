import type { Database, Sql } from "@/db/client";

/** Rows that are counted in one transaction, and transactions in one go. */
const maxRows = 20_000;
const maxRounds = 100;
/** What is younger is left to the next minute. */
const usualLagMs = 60_000;

/**
 * Counts everybody's runs and rejected work orders by day, from where the last count ended. Any number of engines may do so
 * at once: each row is counted once. Returns whether it came to the end; else more is to be counted now.
 */
export async function countUsage(
  database: Database,
  { rowsAtOnce = maxRows, lagMs = usualLagMs } = {},
): Promise<boolean> {
  const end = { id: await settledId(database, lagMs) };
  for (let round = 0; round < maxRounds; round++) {
    const [counted] = await database.query<{ isEnd: boolean }>(countSome(rowsAtOnce), [end.id]);
    if (!counted || counted.isEnd) return true;
  }
  return false;
}

/**
 * An id below which nothing can be written any more: ids are of the moment when they are made, and what began before it has
 * ended. Asked apart from the counting, which so sees what was committed until then.
 */
export async function settledId(sql: Sql, lagMs = usualLagMs): Promise<string> {
  const [row] = await sql.query<{ id: string }>(horizon, [lagMs]);
  if (!row) throw new Error("The database did not say since when everything has ended.");
  return row.id;
}

const horizon = `
select id_at(least(now() - $1::float8 * interval '1 ms', (
  select min(xact_start) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
))) as id`;

/** No row: somebody else counts just now, or all is counted. */
const countSome = (rowsAtOnce: number) => `
/* all tenants: each one's runs are counted for it */
with was as (select counted_to from usage_counted where counted_to < $1::uuid for update skip locked),
bounds as materialized (
  select was.counted_to as after, least($1::uuid,
    coalesce((select r.id from runs r where r.id >= was.counted_to order by r.id offset ${rowsAtOnce} limit 1), $1::uuid),
    coalesce((select o.id from work_orders o where o.id >= was.counted_to and o.rejected_for is not null order by o.id offset ${rowsAtOnce} limit 1), $1::uuid)
  ) as before
  from was
),
found as (
  select r.project_id, r.id, 1 as runs, 0 as rejected from bounds cross join lateral (
    select r.project_id, r.id from runs r where r.id >= bounds.after and r.id < bounds.before offset 0) r
  union all
  select o.project_id, o.id, 0, 1 from bounds cross join lateral (
    select o.project_id, o.id from work_orders o
    where o.id >= bounds.after and o.id < bounds.before and o.rejected_for is not null offset 0) o
),
days as (
  select project_id, (moment_of(id) at time zone 'UTC')::date as day, sum(runs)::int as runs, sum(rejected)::int as rejected
  from found group by 1, 2
),
counted as (
  insert into usage_days as u (project_id, day, runs, rejected)
  select d.project_id, d.day, d.runs, d.rejected from days d join projects p on p.id = d.project_id order by 1, 2
  on conflict (project_id, day) do update set runs = u.runs + excluded.runs, rejected = u.rejected + excluded.rejected
)
update usage_counted set counted_to = bounds.before from bounds returning bounds.before = $1::uuid as "isEnd"`;
