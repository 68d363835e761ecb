import type { Database } from "@/db/client";

/** Rows that are put together in one transaction, and transactions in one go. */
const maxRows = 2_000;
const maxRounds = 50;

/**
 * Puts together what each connection has counted of ends in hours that are over, and after a month the hours of a day: one row
 * stays of an hour, or a day, and outcome. An hour is left alone for ten minutes, for transactions that began in it; whoever
 * still counts there has a row anew. Any number of engines may do so at once. Returns whether it came to the end.
 */
export async function joinCounts(
  database: Database,
  { rowsAtOnce = maxRows, lagMs = 600_000, hoursKeptDays = 31 } = {},
): Promise<boolean> {
  for (let round = 0; round < maxRounds; round++) {
    const [hours] = await database.query<{ found: number }>(byHour, [rowsAtOnce, lagMs]);
    const [days] = await database.query<{ found: number }>(byDay, [rowsAtOnce, hoursKeptDays]);
    if (Math.max(hours?.found ?? 0, days?.found ?? 0) < rowsAtOnce) return true;
  }
  return false;
}

/** Whoever comes while somebody else does it finds nothing to do. Of a project that is gone nothing stays. */
const together = (of: string, hour: string, slot: number) => `
/* all tenants: each one's counts are put together */
with turn as materialized (select 1 from usage_counted for update skip locked),
due as materialized (
  select c.ctid from turn cross join lateral (
    select e.ctid from end_counts e
    where ${of}
      /* What is about to be purged gets no row that a purge might miss. */
      and not exists (select 1 from projects p where p.id = e.project_id and p.deletes_at is not null)
    order by e.hour limit $1::int for update of e skip locked
  ) c
),
gone as (
  delete from end_counts e where ctid = any(array(select ctid from due)) and ${of}
  returning project_id, workflow_id, job_id, ${hour} as hour, outcome, count
),
together as (
  insert into end_counts as c (project_id, workflow_id, job_id, hour, outcome, slot, count)
  select project_id, workflow_id, job_id, hour, outcome, ${slot}, sum(count) from gone
  where exists (select 1 from projects p where p.id = gone.project_id)
  group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (project_id, workflow_id, job_id, hour, outcome, slot) do update set count = c.count + excluded.count
)
select count(*)::int as found from gone`;

const byHour = together(
  "e.slot > 0 and e.hour < date_trunc('hour', now() - $2::float8 * interval '1 ms', 'UTC')",
  "hour",
  0,
);
const byDay = together(
  "e.slot = 0 and e.hour < date_trunc('day', now() - $2::float8 * interval '1 day', 'UTC')",
  "date_trunc('day', hour, 'UTC')",
  -1,
);
