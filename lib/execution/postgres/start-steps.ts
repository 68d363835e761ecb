import { askedStatement, firstOf } from "@/db/asked";
import type { Sql } from "@/db/client";
import type { Started, StepRow, StepStart } from "@/lib/execution/storage";
import { jobStateWordSql } from "@/lib/workflow/outcome";
import { isUnfinished } from "@/lib/workflow/states";
import { isDone, lockedJobStates, lockedWorkOrders } from "./order";

const isNowHandled = "(j.handled or coalesce(j.step_id = any(array(select id from handled)), false))";

const isStillHandled = "(j.handled and j.step_id <> all(array(select id from open)))";

const columns = `id, run_id as "runId", ordinal, started_at as "startedAt", finished_at as "finishedAt", exit_reason as "exitReason",
  error_type as "errorType", error_message as "errorMessage", taken_edges as "takenEdges", output_dataclip_id as "outputDataclipId"`;

type Row = StepRow & { runId: string; ordinal: number };

/** A job state's word, of the row `j`. */
const wordOf = (running: string, handled: string) =>
  jobStateWordSql({ running, exitReason: "j.exit_reason", handled });

/**
 * The unique (run, ordinal) is the fence: whoever inserts the row may run the job, everybody else finds it. Also turns
 * the runs and their work orders to running, and the job states to in progress; a failure that a step follows is handled.
 * It locks steps, job states, runs, work orders, in this order, as `completeSteps` does.
 */
const start = askedStatement<Columns>(
  {
    run_id: "uuid",
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
  `
open_run as (
  select asked.*, r.work_order_id, r.state from asked cross join lateral (
    select work_order_id, state from runs
    where id = asked.run_id and project_id = asked.project_id and ${isUnfinished("state")} and cancel_requested_at is null limit 1
  ) r
),
step as (
  insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, follows, input_dataclip_id, started_at)
  select project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, follows, input_dataclip_id, clock_timestamp()
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
opened as (
  update runs set state = 'running', started_at = clock_timestamp()
  where ${isDone("state")} and id = any(array(select run_id from step)) and started_at is null and ${isUnfinished("state")}
  returning 1
),
locked as (${lockedWorkOrders(`select work_order_id from open_run where ${isDone("opened")} and state = 'pending' and run_id in (select run_id from step)`)}),
work_order as (
  update work_orders w set state = 'running', last_activity = clock_timestamp() from locked where w.id = locked.id
)
select ${columns} from step`,
);

type Columns = {
  run_id: string;
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
  const { text, values, isOne } = start.of(starts.map(columnsOf));
  const inserted = placed(await sql.query<Row>(text, values, isOne ? "start-step" : "start-steps"));
  // Of two who ask for the same step at once, one has the fence: the first.
  const isFirst = starts.map((one) => firstOf(starts, place, one) && inserted.has(place(one)));
  const others = starts.filter((_, i) => !isFirst[i]);
  const known = others.length > 0 ? placed(await knownSteps(sql, others)) : new Map<string, StepRow>();
  return starts.map((one, i) => {
    const step = isFirst[i] ? inserted.get(place(one)) : undefined;
    if (step) return { kind: "started", step };
    const earlier = known.get(place(one));
    return earlier ? { kind: "known", step: earlier } : { kind: "closed" };
  });
}

const place = ({ runId, ordinal }: { runId: string; ordinal: number }) => `${runId}/${ordinal}`;
const placed = (rows: Row[]) => new Map<string, StepRow>(rows.map((row) => [place(row), row]));

const knownSteps = (sql: Sql, starts: StepStart[]): Promise<Row[]> =>
  sql.query<Row>(
    `select ${columns} from unnest($1::uuid[], $2::int[], $3::uuid[]) as asked (of_run, place, of_project)
       cross join lateral (
         select * from steps where run_id = of_run and ordinal = place and project_id = of_project limit 1
       ) s`,
    [starts.map((one) => one.runId), starts.map((one) => one.ordinal), starts.map((one) => one.projectId)],
    "known-steps",
  );

/** Takes the fences away, and what followed from them: executions under way, and failures that nothing follows now. */
const withdraw = `
/* checked: started by whoever withdraws */
with gone as (
  delete from steps where id = any($1::uuid[]) and finished_at is null returning run_id, follows, message_id, job_id
),
open as (
  update steps s set handled = false from gone
  where s.run_id = gone.run_id and s.ordinal = gone.follows and s.handled
    and not exists (select 1 from steps o where o.run_id = s.run_id and o.follows = s.ordinal and o.id <> all($1::uuid[]))
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

export async function withdrawSteps(sql: Sql, stepIds: string[]): Promise<void> {
  const changed = await sql.query<{ messageId: string; jobId: string }>(withdraw, [stepIds]);
  if (changed.length > 0)
    await sql.query(forget, [changed.map((one) => one.messageId), changed.map((one) => one.jobId)]);
}
