import type { Sql } from "@/db/client";
import type { Paused, StepPause } from "@/lib/execution/storage";
import { requestLaterOf } from "@/lib/queue/events";
import { columns, type QueuedRun } from "@/lib/queue/queue";
import { sqlJson } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";
import { isUnfinished } from "@/lib/workflow/states";
import { isDone } from "./order";

/**
 * The step is locked before its run, as everywhere. Whoever cancels the run waits for that, finds the step as it is then,
 * and ends it; whoever was faster is found here.
 */
const pause = `/* checked: the step is its executor's */
with mine as (
  select id, run_id, project_id, clock_timestamp() + $3::float8 * interval '1 ms' as until from steps
  where id = $1 and epoch = $2 and attempt = $4 and finished_at is null for no key update
),
run as (
  select r.id, r.cancel_requested_at from runs r join mine on mine.run_id = r.id and mine.project_id = r.project_id
  where ${isUnfinished("r.state")} and r.epoch = $2 for no key update of r
),
goes_on as (select mine.*, run.id as run from mine join run on run.id = mine.run_id and run.cancel_requested_at is null),
attempted as (
  insert into step_attempts (step_id, attempt, started_at, finished_at, exit_reason, error_type, error_message, error,
    connections, duration_ms, log_lines, waits_until)
  select id, $4, $5::timestamptz, greatest($5::timestamptz, clock_timestamp()), $6, $7, $8, $9::jsonb, $10::jsonb, $11::float8, $12, until from goes_on
),
paused as (
  update steps s set attempt = $4 + 1, attempt_id = null, attempted_at = null, runner_id = null, log_lines = $12, retry_at = g.until
  from goes_on g where s.id = g.id
  returning s.id
),
handed as (
  update runs r set executor_id = null, retry_at = g.until, asked_again = r.asked_again + 1, handed_back_at = clock_timestamp()
  from goes_on g where ${isDone("paused")} and r.id = g.run
  returning r.*
),
requested as (insert into outbox (project_id, event, data, not_before) select ${requestLaterOf("handed")} from handed)
select exists (select 1 from run) as "isMine", (select row_to_json(q) from (select ${columns} from handed) q) as run`;

/** See `ExecutionStorage.pauseStep`. */
export async function pauseStep(
  sql: Sql,
  { stepId, epoch, attempt, startedAt, result, logLines, delayMs }: StepPause,
): Promise<Paused> {
  const { reason, error, connections, durationMs } = result;
  const [row] = await sql.query<{ isMine: boolean; run: QueuedRun | null }>(
    pause,
    [
      ...[stepId, epoch, delayMs, attempt, startedAt, reason],
      ...[error && withoutNul(error.type), error && withoutNul(error.message), error && sqlJson(error)],
      ...[connections.length > 0 ? sqlJson(connections) : null, durationMs, logLines],
    ],
    "pause-step",
  );
  if (row?.run) return { kind: "paused", run: row.run };
  return { kind: row?.isMine ? "closed" : "superseded" };
}
