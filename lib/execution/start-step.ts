import type { Database } from "@/db/client";
import type { ExitReason } from "@/lib/words";
import type { JobNode } from "@/lib/workflow/types";
import type { PlannedStep } from "@/lib/workflow/walk";
import type { ExecutableRun } from "./load-run";

export type StartedStep = {
  id: string;
  startedAt: Date;
  finishedAt: Date | null;
  exitReason: ExitReason | null;
  errorType: string | null;
  errorMessage: string | null;
  takenEdges: string[] | null;
  outputDataclipId: string | null;
};

export type Start =
  | { kind: "started"; step: StartedStep }
  /** An earlier delivery of this attempt started it. It must not run again. */
  | { kind: "known"; step: StartedStep }
  /** The run was cancelled, or is final. */
  | { kind: "closed" };

const columns = `id, started_at as "startedAt", finished_at as "finishedAt", exit_reason as "exitReason", error_type as "errorType",
  error_message as "errorMessage", taken_edges as "takenEdges", output_dataclip_id as "outputDataclipId"`;

/**
 * Writes the step's row before the job runs. The unique (run, ordinal) is the fence: whoever inserts the row may run the
 * job, everybody else finds it. Also turns the run and its work order to running, and the job state to in progress.
 */
export async function startStep(
  database: Database,
  run: ExecutableRun,
  planned: PlannedStep,
  job: JobNode,
  inputDataclipId: string | null,
): Promise<Start> {
  const [inserted] = await database.query<StartedStep>(
    `with open_run as (
       select id, work_order_id, state from runs where id = $1 and state in ('pending', 'running') and cancel_requested_at is null
     ),
     step as (
       insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, input_dataclip_id, started_at)
       select $2, id, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() from open_run
       on conflict (run_id, ordinal) do nothing
       returning *
     ),
     opened as (
       update runs set state = 'running', started_at = clock_timestamp()
       where id = $1 and state = 'pending' and exists (select 1 from step)
     ),
     work_order as (
       update work_orders set state = 'running', last_activity = clock_timestamp()
       where id = (select work_order_id from open_run where state = 'pending') and exists (select 1 from step)
     ),
     state as (
       insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, running_steps, created_at)
       select message_id, job_id, project_id, workflow_id, job_name, 'in_progress', 1, started_at from step where message_id is not null
       on conflict (message_id, job_id) do update set running_steps = job_states.running_steps + 1, job_name = excluded.job_name
     )
     select ${columns} from step`,
    [
      run.id,
      run.projectId,
      run.workflowId,
      run.messageId,
      job.id,
      job.name,
      `${adaptorName(job)}@${job.adaptorVersion}`,
      planned.ordinal,
      inputDataclipId,
    ],
    "start-step",
  );
  if (inserted) return { kind: "started", step: inserted };
  const [known] = await database.query<StartedStep>(
    `select ${columns} from steps where run_id = $1 and ordinal = $2`,
    [run.id, planned.ordinal],
    "known-step",
  );
  return known ? { kind: "known", step: known } : { kind: "closed" };
}

/** The job never left our hands: takes the fence away so that a later delivery may start it. */
export async function withdrawStep(database: Database, stepId: string): Promise<void> {
  await database.query(
    `with gone as (delete from steps where id = $1 and finished_at is null returning message_id, job_id)
     update job_states s set running_steps = greatest(0, s.running_steps - 1) from gone
     where s.message_id = gone.message_id and s.job_id = gone.job_id`,
    [stepId],
  );
}

/** `@openfn/language-http` of `@openfn/language-http@latest`. */
export const adaptorName = (job: Pick<JobNode, "adaptor">): string => {
  const at = job.adaptor.indexOf("@", 1);
  return at < 0 ? job.adaptor : job.adaptor.slice(0, at);
};
