import type { Sql } from "@/db/client";
import { isUnfinished } from "@/lib/workflow/states";

/** An executor without a heartbeat for so long is gone. */
export const silentSeconds = 15;
const keptHours = 1;
/** By then a job that was asked to stop has ended. */
const cancelSeconds = 30;

const isSilent = (beatAt: string) => `${beatAt} < now() - interval '${silentSeconds} s'`;

/** Renews the heartbeat; rows of executors that nobody asks for any more go with it. Returns how old the last one was. */
export async function beat(sql: Sql, executorId: string): Promise<number> {
  const [row] = await sql.query<{ silentMs: number | null }>(
    `with old as (delete from executors where beat_at < now() - interval '${keptHours} h' and id <> $1),
     last as (select extract(epoch from now() - beat_at) * 1000 as silent_ms from executors where id = $1)
     insert into executors (id) values ($1) on conflict (id) do update set beat_at = now()
     returning (select silent_ms::float8 from last) as "silentMs"`,
    [executorId],
    "beat",
  );
  return row?.silentMs ?? 0;
}

export async function leave(sql: Sql, executorId: string): Promise<void> {
  await sql.query("delete from executors where id = $1", [executorId]);
}

export async function executedRuns(sql: Sql, executorId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    "select /* all tenants: the executor's own */ id from runs where executor_id = $1 and state = 'running'",
    [executorId],
    "executed-runs",
  );
  return rows.map(({ id }) => id);
}

export async function overdueCancels(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select /* all tenants: the safety net */ id from runs
     where state = 'running' and cancel_requested_at < now() - interval '${cancelSeconds} s' limit 100`,
    [],
    "overdue-cancels",
  );
  return rows.map(({ id }) => id);
}

export async function executorOf(sql: Sql, runId: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    `/* checked: the run is an event's */ select e.id from runs r join executors e on e.id = r.executor_id
     where r.id = $1 and ${isUnfinished("r.state")} and not ${isSilent("e.beat_at")}`,
    [runId],
  );
  return row?.id ?? null;
}

export async function letGo(sql: Sql, runId: string, epoch: number): Promise<void> {
  await sql.query(
    `/* checked: the run is an event's */ update runs set executor_id = null, handed_back_at = clock_timestamp()
     where id = $1 and epoch = $2 and started_at is not null and ${isUnfinished("state")}`,
    [runId, epoch],
  );
}

/** It waits on purpose, for a step's next attempt, and nobody has asked for it since it was handed back for that. */
const waits = "coalesce(r.retry_at >= r.handed_back_at, false)";

/**
 * Runs that have begun and whose executor is gone. One that nobody has was let go by an executor that expected it to be
 * delivered again: it is asked for after a minute, and each time after twice as long. One that waits on purpose is asked
 * for a minute after its time.
 */
export const abandoned = `
select /* all tenants: the safety net */ r.id from runs r left join executors e on e.id = r.executor_id
where r.state = 'running' and (e.id is null or ${isSilent("e.beat_at")}) and (
  r.executor_id is not null
  or ${waits} and r.retry_at < now() - interval '1 minute'
  or not ${waits} and coalesce(r.handed_back_at, r.started_at) < now() - least(power(2, r.asked_again), 32) * interval '1 minute'
)
order by r.id limit 500 for no key update of r skip locked`;
