import type { Sql } from "@/db/client";
import type { Begun, HeldStep, Moved, StepRow, TakenOver } from "@/lib/execution/storage";
import { isUnfinished } from "@/lib/workflow/states";
import { isDone } from "./order";
import { stepColumns } from "./step-columns";

/** The step that runs is locked before its run, as everywhere. */
const take = `/* checked: the run is an event's */
with under_way as (
  select id from steps where run_id = $1 and finished_at is null order by id for no key update
),
taken as (
  update runs set epoch = epoch + 1, executor_id = $2, retry_at = null
  where ${isDone("under_way")} and id = $1 and ${isUnfinished("state")} and state <> 'pending'
    and (retry_at is null or retry_at <= clock_timestamp() or cancel_requested_at is not null)
  returning epoch
),
adopted as (
  update steps s set epoch = taken.epoch from taken, under_way where s.id = under_way.id
)
select epoch from taken`;

/**
 * See `ExecutionStorage.takeOver`. What is there is read afterwards: from then on nobody else changes it, but for one who
 * was about to start the next step in that moment.
 */
export async function takeOver(sql: Sql, runId: string, executorId: string): Promise<TakenOver | null> {
  const [taken] = await sql.query<{ epoch: number }>(take, [runId, executorId], "take-over");
  if (!taken) return null;
  const { epoch } = taken;
  const steps = await stepsOf(sql, runId);
  const late = steps.find((step) => !step.finishedAt && step.epoch !== epoch);
  if (!late) return { epoch, steps };
  await adoptStep(sql, { stepId: late.id, epoch });
  return { epoch, steps: await stepsOf(sql, runId) };
}

const stepsOf = (sql: Sql, runId: string): Promise<StepRow[]> =>
  sql.query<StepRow>(
    `/* checked: the run is an event's */ select ${stepColumns()} from steps where run_id = $1 order by ordinal`,
    [runId],
    "taken-steps",
  );

/**
 * Changes a step that runs and that its executor has, unless its run was cancelled. The run's row is locked with it, so
 * that whoever cancels later finds the step as it is then.
 */
const change = (set: string) => `/* checked: the step is its executor's */
with mine as (
  select id, run_id from steps where id = $1 and finished_at is null and epoch = $2 for no key update
),
run as (
  select r.id, r.cancel_requested_at from runs r join mine on mine.run_id = r.id
  where ${isUnfinished("r.state")} for share of r
),
changed as (
  update steps s set ${set} from mine join run on run.id = mine.run_id and run.cancel_requested_at is null where s.id = mine.id
  returning s.attempt_id, s.attempted_at
)
select exists (select 1 from changed) as "isMoved", exists (select 1 from mine) as "isMine",
  (select attempt_id from changed) as "attemptId", (select attempted_at from changed) as "attemptedAt"`;

type Changed = { isMoved: boolean; isMine: boolean; attemptId: string | null; attemptedAt: Date | null };

const verdictOf = (row: Changed | undefined): Moved => {
  if (row?.isMoved) return "moved";
  return row?.isMine ? "closed" : "superseded";
};

async function changeStep(sql: Sql, text: string, values: unknown[], name: string): Promise<Moved> {
  const [row] = await sql.query<Changed>(text, values, name);
  return verdictOf(row);
}

const move = change("runner_id = $3");
const beginNext = change(
  "runner_id = $3, attempt_id = uuid_v7(), attempted_at = clock_timestamp(), retry_at = null",
);
const repeat = change("runner_id = $3, repeats = repeats + 1, log_lines = $4");

export async function adoptStep(sql: Sql, { stepId, epoch }: HeldStep): Promise<boolean> {
  const rows = await sql.query(
    `/* checked: the step is its executor's */ update steps set epoch = $2
     where id = $1 and finished_at is null and epoch <= $2 returning 1`,
    [stepId, epoch],
    "adopt-step",
  );
  return rows.length > 0;
}

export const moveStep = (
  sql: Sql,
  { stepId, epoch, runnerId }: HeldStep & { runnerId: string | null },
): Promise<Moved> => changeStep(sql, move, [stepId, epoch, runnerId], "move-step");

export async function beginAttempt(
  sql: Sql,
  { stepId, epoch, runnerId }: HeldStep & { runnerId: string | null },
): Promise<Begun> {
  const [row] = await sql.query<Changed>(beginNext, [stepId, epoch, runnerId], "begin-attempt");
  const verdict = verdictOf(row);
  if (verdict !== "moved") return { kind: verdict };
  if (!row?.attemptId || !row.attemptedAt) throw new Error("The attempt has no name.");
  return { kind: "begun", attemptId: row.attemptId, attemptedAt: row.attemptedAt };
}

export const repeatStep = (
  sql: Sql,
  { stepId, epoch, runnerId, logLines }: HeldStep & { runnerId: string | null; logLines: number },
): Promise<Moved> => changeStep(sql, repeat, [stepId, epoch, runnerId, logLines], "repeat-step");
