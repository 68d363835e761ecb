import { askedStatement, firstOf } from "@/db/asked";
import type { Sql } from "@/db/client";
import type { Started, StepRow, StepStart } from "@/lib/execution/storage";
import { isUnfinished } from "@/lib/workflow/states";

const columns = `id, run_id as "runId", ordinal, started_at as "startedAt", finished_at as "finishedAt", exit_reason as "exitReason",
  error_type as "errorType", error_message as "errorMessage", taken_edges as "takenEdges", output_dataclip_id as "outputDataclipId"`;

type Row = StepRow & { runId: string; ordinal: number };

/**
 * The unique (run, ordinal) is the fence: whoever inserts the row may run the job, everybody else finds it. Also turns
 * the runs and their work orders to running, and the job states to in progress.
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
  insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, input_dataclip_id, started_at)
  select project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, input_dataclip_id, clock_timestamp()
  from open_run
  on conflict (run_id, ordinal) do nothing
  returning *
),
opened as (
  update runs set state = 'running', started_at = clock_timestamp()
  where id = any(array(select run_id from step)) and started_at is null and ${isUnfinished("state")}
),
work_order as (
  update work_orders set state = 'running', last_activity = clock_timestamp()
  where id = any(array(select work_order_id from open_run where state = 'pending' and run_id in (select run_id from step)))
),
state as (
  insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, running_steps, created_at)
  select message_id, job_id, project_id, workflow_id, max(job_name), 'in_progress', count(*), min(started_at)
  from step where message_id is not null
  group by message_id, job_id, project_id, workflow_id order by message_id, job_id
  on conflict (message_id, job_id) do update
    set running_steps = job_states.running_steps + excluded.running_steps, job_name = excluded.job_name
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
    `select ${columns} from steps where (run_id, ordinal) in (select * from unnest($1::uuid[], $2::int[]))
       and project_id = any($3::uuid[])`,
    [starts.map((one) => one.runId), starts.map((one) => one.ordinal), starts.map((one) => one.projectId)],
    "known-steps",
  );

export async function withdrawSteps(sql: Sql, stepIds: string[]): Promise<void> {
  await sql.query(
    `/* checked: started by whoever withdraws */ with gone as (delete from steps where id = any($1::uuid[]) and finished_at is null returning message_id, job_id),
       counted as (select message_id, job_id, count(*) as n from gone group by message_id, job_id)
     update job_states s set running_steps = greatest(0, s.running_steps - counted.n) from counted
     where s.message_id = counted.message_id and s.job_id = counted.job_id`,
    [stepIds],
  );
}
