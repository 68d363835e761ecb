import type { Database } from "@/db/client";
import type { StepResult } from "@/lib/runner/contract";
import { withoutNul } from "@/lib/text";
import type { FinalRunState } from "@/lib/words";
import { newerRow } from "@/lib/workflow/job-state";
import { reasons } from "@/lib/workflow/status";

export type RunEnd = { state: FinalRunState; errorType: string | null; errorMessage: string | null };

export type Completion = {
  stepId: string;
  result: StepResult;
  takenEdges: string[];
  logLines: number;
  credentialName: string | null;
  /** Set when this step was the run's last. */
  runEnd: RunEnd | null;
};

export type Completed = { outputDataclipId: string | null; wasFirst: boolean };

/**
 * Stores how a step ended: output, error, the job state of (message, job), and the end of the run when it was the last
 * step. One statement, one commit. A second completion of the same step changes nothing (`wasFirst` false).
 */
export async function completeStep(database: Database, completion: Completion): Promise<Completed> {
  const { stepId, result, takenEdges, logLines, credentialName, runEnd } = completion;
  const [row] = await database.query<Completed>(
    `with open_step as (
       select * from steps where id = $1 and finished_at is null for update
     ),
     clip as (
       insert into dataclips (project_id, type, body, size)
       select project_id, 'step_result', $2, octet_length($2::text) from open_step where $2::text is not null
       returning id
     ),
     done as (
       update steps s set exit_reason = $3, error_type = $4, error_message = $5, error = $6::jsonb, taken_edges = $7::jsonb,
         duration_ms = $8, peak_memory_mb = $9, connections = $10::jsonb, log_lines = $11, credential_name = $12,
         output_dataclip_id = (select id from clip), finished_at = greatest(s.started_at, clock_timestamp())
       from open_step where s.id = open_step.id
       returning s.*
     ),
     state as (
       insert into job_states as j (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, error_type, started_at, finished_at, running_steps)
       select message_id, job_id, project_id, workflow_id, job_name, $13, id, exit_reason, error_type, started_at, finished_at, 0
       from done where message_id is not null
       on conflict (message_id, job_id) do update set
         running_steps = greatest(0, j.running_steps - 1),
         result = case when ${decides} then excluded.result else j.result end,
         step_id = case when ${decides} then excluded.step_id else j.step_id end,
         exit_reason = case when ${decides} then excluded.exit_reason else j.exit_reason end,
         error_type = case when ${decides} then excluded.error_type else j.error_type end,
         started_at = case when ${decides} then excluded.started_at else j.started_at end,
         finished_at = case when ${decides} then excluded.finished_at else j.finished_at end
     ),
     ended as (
       update runs r set state = $14, error_type = $15, error_message = $16, finished_at = clock_timestamp()
       from done where $14::text is not null and r.id = done.run_id and r.state in ('pending', 'running')
       returning r.id, r.work_order_id
     ),
     work_order as (
       update work_orders w set last_activity = clock_timestamp(), state = ${workOrderState("ended.id", "$14")}
       from ended where w.id = ended.work_order_id
     )
     select (select id from clip) as "outputDataclipId", exists (select 1 from done) as "wasFirst"`,
    [
      stepId,
      result.output,
      result.reason,
      result.error?.type ?? null,
      result.error ? withoutNul(result.error.message) : null,
      result.error ? jsonb(result.error) : null,
      JSON.stringify(takenEdges),
      result.durationMs,
      result.peakMemoryMb,
      result.connections.length > 0 ? jsonb(result.connections) : null,
      logLines,
      credentialName,
      reasons[result.reason].jobState,
      runEnd?.state ?? null,
      runEnd?.errorType ?? null,
      runEnd?.errorMessage ? withoutNul(runEnd.errorMessage) : null,
    ],
    "complete-step",
  );
  return row ?? { outputDataclipId: null, wasFirst: false };
}

/** Seed 1: the greatest (finish, start, id) decides. Same order as `compareFinished` in lib/workflow/job-state.ts. */
const decides = `(j.finished_at is null or ${newerRow("excluded", "step_id")} > ${newerRow("j", "step_id")})`;

/** A work order is never final while one of its runs is unfinished; otherwise it has the state of the run that ended. */
export const workOrderState = (runId: string, state: string) => `coalesce(
  (select o.state from runs o where o.work_order_id = w.id and o.id <> ${runId} and o.state in ('pending', 'running') order by o.state desc limit 1), ${state})`;

/** jsonb refuses NUL and lone surrogates. */
const jsonb = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === "string" ? withoutNul(v) : v));

/** Ends a run that has no running step: nothing to do, wiped input, cancelled while it waited, infrastructure failed. */
export async function endRun(database: Database, runId: string, end: RunEnd): Promise<boolean> {
  const rows = await database.query(
    `with ended as (
       update runs set state = $2, error_type = $3, error_message = $4, finished_at = clock_timestamp()
       where id = $1 and state in ('pending', 'running')
       returning id, work_order_id
     )
     update work_orders w set last_activity = clock_timestamp(), state = ${workOrderState("ended.id", "$2")}
     from ended where w.id = ended.work_order_id
     returning 1`,
    [runId, end.state, end.errorType, end.errorMessage && withoutNul(end.errorMessage)],
    "end-run",
  );
  return rows.length > 0;
}
