import { askedStatement, firstOf } from "@/db/asked";
import type { Sql } from "@/db/client";
import { errorCode } from "@/lib/error-code";
import type { HeldStep, Started, StepRow, StepStart } from "@/lib/execution/storage";
import { sqlJson } from "@/lib/sql-json";
import { jobStateWordSql } from "@/lib/workflow/outcome";
import { isUnfinished } from "@/lib/workflow/states";
import { isDone, lockedJobStates, lockedWorkOrders } from "./order";
import { stepColumns } from "./step-columns";

const isNowHandled = "(j.handled or coalesce(j.step_id = any(array(select id from handled)), false))";

const isStillHandled = "(j.handled and j.step_id <> all(array(select id from open)))";

type Row = StepRow & { runId: string };

/** A job state's word, of the row `j`. */
const wordOf = (running: string, handled: string) =>
  jobStateWordSql({ running, exitReason: "j.exit_reason", handled });

/**
 * Begins the steps that `asked` names, a relation with the columns of `Columns`: what was begun is `step`.
 *
 * The unique (run, ordinal) is the fence: whoever inserts the row may run the job, everybody else finds it. Also turns
 * the runs and their work orders to running, and the job states to in progress; a failure that a step follows is handled.
 * It locks steps, job states, runs, work orders, in this order, as `completeSteps` does.
 *
 * A run that waits is opened under the next epoch. When somebody cancelled it after the statement had begun, all of it is
 * taken back (`refuse_start`).
 */
export const startSql = `
open_run as (
  select asked.*, r.work_order_id, r.state, case r.state when 'pending' then asked.epoch + 1 else asked.epoch end as held from asked cross join lateral (
    select work_order_id, state from runs
    where id = asked.run_id and project_id = asked.project_id and ${isUnfinished("state")} and cancel_requested_at is null
      and epoch = asked.epoch limit 1
  ) r
),
step as (
  insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, follows, input_dataclip_id, epoch, runner_id, started_at)
  select project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, follows, input_dataclip_id, held, runner_id, clock_timestamp()
  from open_run
  on conflict (run_id, ordinal) do nothing
  returning *
),
handled as (
  update steps s set handled = true from step
  where s.run_id = step.run_id and s.project_id = step.project_id and s.ordinal = step.follows and s.exit_reason = 'fail' and not s.handled
  returning s.*
),
state as (
  insert into job_states as j (message_id, job_id, project_id, workflow_id, job_name, result, running_steps, created_at)
  select message_id, job_id, project_id, workflow_id, max(job_name), 'in_progress', sum(starts), min(started_at)
  from (select *, 1 as starts from step union all select *, 0 from handled) s where message_id is not null
  group by message_id, job_id, project_id, workflow_id order by message_id, job_id
  on conflict (message_id, job_id) do update
    set running_steps = j.running_steps + excluded.running_steps,
      job_name = case when excluded.running_steps > 0 then excluded.job_name else j.job_name end,
      handled = ${isNowHandled},
      result = ${wordOf("j.running_steps + excluded.running_steps", isNowHandled)}
  returning 1
),
opening as (
  select o.run_id, o.epoch, o.held, o.executor_id, o.work_order_id, o.starting_edges from step join open_run o on o.run_id = step.run_id and o.ordinal = step.ordinal
  where o.state = 'pending'
),
opened as (
  update runs r set state = 'running', started_at = clock_timestamp(), executor_id = o.executor_id, epoch = o.held,
    starting_edges = o.starting_edges
  from opening o
  where ${isDone("state")} and r.id = o.run_id and r.started_at is null and ${isUnfinished("r.state")} and r.epoch = o.epoch and r.cancel_requested_at is null
  returning r.id
),
refused as materialized (
  select refuse_start() from opening where ${isDone("opened")} and run_id not in (select id from opened)
),
locked as (${lockedWorkOrders(`select work_order_id from opening where ${isDone("refused")}`)}),
work_order as (
  update work_orders w set state = 'running', last_activity = clock_timestamp() from locked where w.id = locked.id
)`;

const start = askedStatement<Columns>(
  {
    run_id: "uuid",
    executor_id: "uuid",
    epoch: "int",
    runner_id: "uuid",
    starting_edges: "jsonb",
    project_id: "uuid",
    workflow_id: "uuid",
    message_id: "uuid",
    job_id: "uuid",
    job_name: "text",
    adaptor: "text",
    ordinal: "int",
    follows: "int",
    input_dataclip_id: "uuid",
  },
  `${startSql}
select ${stepColumns()} from step`,
);

type Columns = {
  run_id: string;
  executor_id: string;
  epoch: number;
  runner_id: string;
  starting_edges: string | null;
  project_id: string;
  workflow_id: string;
  message_id: string | null;
  job_id: string;
  job_name: string;
  adaptor: string;
  ordinal: number;
  follows: number | null;
  input_dataclip_id: string | null;
};

const columnsOf = (one: StepStart): Columns => ({
  run_id: one.runId,
  executor_id: one.executorId,
  epoch: one.epoch,
  runner_id: one.runnerId,
  starting_edges: one.startingEdges && sqlJson(one.startingEdges),
  project_id: one.projectId,
  workflow_id: one.workflowId,
  message_id: one.messageId,
  job_id: one.jobId,
  job_name: one.jobName,
  adaptor: one.adaptor,
  ordinal: one.ordinal,
  follows: one.follows,
  input_dataclip_id: one.inputDataclipId,
});

export async function startSteps(sql: Sql, starts: StepStart[]): Promise<Started[]> {
  const inserted = placed(await insert(sql, starts));
  // Of two who ask for the same step at once, one has the fence: the first.
  const isFirst = starts.map((one) => firstOf(starts, place, one) && inserted.has(place(one)));
  const others = starts.filter((_, i) => !isFirst[i]);
  const known = others.length > 0 ? placed(await knownSteps(sql, others)) : new Map<string, Known>();
  return starts.map((one, i) => {
    const step = isFirst[i] ? inserted.get(place(one)) : undefined;
    if (step) return { kind: "started", step };
    return verdictOf(one, known.get(place(one)));
  });
}

/** The rows that were inserted. Somebody who cancels a run in the very moment is obeyed by asking again. */
async function insert(sql: Sql, starts: StepStart[]): Promise<Row[]> {
  const { text, values, isOne } = start.of(starts.map(columnsOf));
  const name = isOne ? "start-step" : "start-steps";
  try {
    return await sql.query<Row>(text, values, name);
  } catch (error) {
    if (errorCode(error) !== refusedStart) throw error;
    return sql.query<Row>(text, values, name);
  }
}

/** What `refuse_start` raises: a serialization failure. */
const refusedStart = "40001";

/** The run as it is, and the step there when there is one. */
type Known = Row & { isOver: boolean; isCancelled: boolean; runEpoch: number; hasStep: boolean };

function verdictOf(asked: StepStart, known: Known | undefined): Started {
  if (!known || known.isOver) return { kind: "closed" };
  if (known.runEpoch !== asked.epoch) return { kind: "superseded" };
  if (known.hasStep) return { kind: "known", step: known };
  // Whoever had it before took the row away in this very moment: nobody cancelled anything.
  return { kind: known.isCancelled ? "closed" : "superseded" };
}

const place = ({ runId, ordinal }: { runId: string; ordinal: number }) => `${runId}/${ordinal}`;
const placed = <T extends Row>(rows: T[]) => new Map<string, T>(rows.map((row) => [place(row), row]));

const knownSteps = (sql: Sql, starts: StepStart[]): Promise<Known[]> =>
  sql.query<Known>(
    `select ${stepColumns("s.")}, a.run_id as "runId", a.ordinal, s.id is not null as "hasStep", r.epoch as "runEpoch",
       not (${isUnfinished("r.state")}) as "isOver", r.cancel_requested_at is not null as "isCancelled"
     from unnest($1::uuid[], $2::int[], $3::uuid[]) as a (run_id, ordinal, project_id)
       cross join lateral (select * from runs where id = a.run_id and project_id = a.project_id limit 1) r
       left join lateral (
         select * from steps where run_id = a.run_id and ordinal = a.ordinal and project_id = a.project_id limit 1
       ) s on true`,
    [starts.map((one) => one.runId), starts.map((one) => one.ordinal), starts.map((one) => one.projectId)],
    "known-steps",
  );

/**
 * Takes the fences away, and what followed from them: executions under way, and failures that nothing follows now. Of a
 * step that had begun once nothing is taken away but who has it.
 */
const withdraw = `
/* checked: started by whoever withdraws */
with asked as (select * from unnest($1::uuid[], $2::int[]) as a (step_id, epoch)),
mine as (
  select s.id, s.repeats + s.attempt - 1 as earlier from steps s join asked on asked.step_id = s.id and asked.epoch = s.epoch where s.finished_at is null
  order by s.id for update of s
),
left_open as (
  update steps s set runner_id = null from mine where s.id = mine.id and mine.earlier > 0
),
gone as (
  delete from steps where id in (select id from mine where earlier = 0) returning id, run_id, follows, message_id, job_id
),
open as (
  update steps s set handled = false from gone
  where s.run_id = gone.run_id and s.ordinal = gone.follows and s.handled
    and not exists (select 1 from steps o where o.run_id = s.run_id and o.follows = s.ordinal and o.id not in (select id from gone))
  returning s.id, s.message_id, s.job_id
),
changed as (
  select message_id, job_id, sum(stops) as stops from (
    select message_id, job_id, 1 as stops from gone union all select message_id, job_id, 0 from open
  ) c group by message_id, job_id
),
locked as (${lockedJobStates("select message_id, job_id from changed where message_id is not null")})
update job_states j set running_steps = greatest(0, j.running_steps - c.stops), handled = ${isStillHandled},
  result = ${wordOf("j.running_steps - c.stops", isStillHandled)}
from changed c join locked on locked.message_id = c.message_id and locked.job_id = c.job_id
where j.message_id = c.message_id and j.job_id = c.job_id
returning j.message_id as "messageId", j.job_id as "jobId"`;

/** A job that was never started for a message has no state. */
const forget = `/* checked: withdrawn just now */ with locked as (
  ${lockedJobStates("select * from unnest($1::uuid[], $2::uuid[])")}
)
delete from job_states j using locked where j.message_id = locked.message_id and j.job_id = locked.job_id
  and j.running_steps = 0 and j.exit_reason is null`;

export async function withdrawSteps(sql: Sql, steps: HeldStep[]): Promise<void> {
  const values = [steps.map(({ stepId }) => stepId), steps.map(({ epoch }) => epoch)];
  const changed = await sql.query<{ messageId: string; jobId: string }>(withdraw, values);
  if (changed.length > 0)
    await sql.query(forget, [changed.map((one) => one.messageId), changed.map((one) => one.jobId)]);
}
