import type { Sql } from "@/db/client";
import type { Completed, Completion, RunEnd } from "@/lib/execution/storage";
import { withoutNul } from "@/lib/text";
import { newerRow } from "@/lib/workflow/job-state";
import { isUnfinished } from "@/lib/workflow/states";
import { reasons } from "@/lib/workflow/status";
import { workOrderState } from "@/lib/workflow/work-order";

/** Seed 1: the greatest (finish, start, id) decides. Same order as `compareFinished` in lib/workflow/job-state.ts. */
const decides = `(j.finished_at is null or ${newerRow("excluded", "step_id")} > ${newerRow("j", "step_id")})`;
const decided = (column: string) =>
  `${column} = case when ${decides} then excluded.${column} else j.${column} end`;

/** What follows when runs ended, as common table expressions over `ended` (id, work_order_id, state, finished_at). */
const workOrders = `
work_order as (
  update work_orders w set last_activity = clock_timestamp(), state = ${workOrderState("array(select id from ended)", "last.state")}
  from (select distinct on (work_order_id) work_order_id, project_id, state from ended order by work_order_id, finished_at desc, id desc) last
  where w.id = last.work_order_id and w.project_id = last.project_id and w.id = any(array(select work_order_id from ended))
)`;

/** $1 what is small of each completion, $2 the outputs in the same order. */
const complete = `
with asked as (
  select * from jsonb_to_recordset($1::jsonb) as x("at" int, "stepId" uuid, "reason" text, "errorType" text, "errorMessage" text, "error" jsonb,
    "takenEdges" jsonb, "durationMs" float8, "peakMemoryMb" float8, "connections" jsonb, "logLines" int, "credentialName" text,
    "jobState" text, "endState" text, "endType" text, "endMessage" text)
),
open_step as (
  select asked.*, ($2::text[])[asked."at"] as output, s.*, case when ($2::text[])[asked."at"] is not null then uuid_v7() end as clip_id
  from asked cross join lateral (
    select project_id, run_id from steps where id = asked."stepId" and finished_at is null for update
  ) s
),
clip as (
  insert into dataclips (id, project_id, type, body, size)
  select clip_id, project_id, 'step_result', output, octet_length(output) from open_step where clip_id is not null
),
done as (
  update steps s set exit_reason = o."reason", error_type = o."errorType", error_message = o."errorMessage", error = o."error",
    taken_edges = o."takenEdges", duration_ms = o."durationMs", peak_memory_mb = o."peakMemoryMb", connections = o."connections",
    log_lines = o."logLines", credential_name = o."credentialName", output_dataclip_id = o.clip_id,
    finished_at = greatest(s.started_at, clock_timestamp())
  from open_step o where s.id = o."stepId" and s.id = any(array(select "stepId" from open_step))
  returning s.*, o."jobState", o."endState", o."endType", o."endMessage"
),
state as (
  insert into job_states as j (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, error_type, started_at, finished_at, running_steps)
  select distinct on (message_id, job_id) message_id, job_id, project_id, workflow_id, job_name, "jobState", id, exit_reason, error_type, started_at, finished_at, 0
  from done where message_id is not null
  order by message_id, job_id, finished_at desc, started_at desc, id desc
  on conflict (message_id, job_id) do update set
    running_steps = greatest(0, j.running_steps - (select count(*) from done d where d.message_id = j.message_id and d.job_id = j.job_id)),
    ${["result", "step_id", "exit_reason", "error_type", "started_at", "finished_at"].map(decided).join(",\n    ")}
),
ended as (
  update runs r set state = d."endState", error_type = d."endType", error_message = d."endMessage", finished_at = clock_timestamp()
  from done d where d."endState" is not null and r.id = d.run_id and r.id = any(array(select run_id from done)) and ${isUnfinished("r.state")}
  returning r.id, r.project_id, r.work_order_id, r.state, r.finished_at
),
${workOrders}
select asked."stepId", o."stepId" is not null as "wasFirst",
  case when o."stepId" is not null then o.clip_id else (select output_dataclip_id from steps where id = asked."stepId") end as "outputDataclipId"
from asked left join open_step o on o."stepId" = asked."stepId"`;

export async function completeSteps(sql: Sql, completions: Completion[]): Promise<Completed[]> {
  const small = completions.map(({ stepId, result, takenEdges, logLines, credentialName, runEnd }, i) => ({
    at: i + 1,
    stepId,
    reason: result.reason,
    errorType: result.error?.type ?? null,
    errorMessage: result.error ? result.error.message : null,
    error: result.error,
    takenEdges,
    durationMs: result.durationMs,
    peakMemoryMb: result.peakMemoryMb,
    connections: result.connections.length > 0 ? result.connections : null,
    logLines,
    credentialName,
    jobState: reasons[result.reason].jobState,
    endState: runEnd?.state ?? null,
    endType: runEnd?.errorType ?? null,
    endMessage: runEnd?.errorMessage ?? null,
  }));
  const rows = await sql.query<Completed & { stepId: string }>(
    complete,
    [jsonb(small), completions.map(({ result }) => result.output)],
    "complete-steps",
  );
  const byStep = new Map(rows.map(({ stepId, ...completed }) => [stepId, completed]));
  return completions.map(({ stepId }) => byStep.get(stepId) ?? { outputDataclipId: null, wasFirst: false });
}

/** jsonb refuses NUL and lone surrogates. */
const jsonb = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === "string" ? withoutNul(v) : v));

const end = `
/* checked: the runs are events' */
with asked as (
  select * from jsonb_to_recordset($1::jsonb) as x("runId" uuid, "state" text, "errorType" text, "errorMessage" text)
),
ended as (
  update runs r set state = asked."state", error_type = asked."errorType", error_message = asked."errorMessage", finished_at = clock_timestamp()
  from asked where r.id = asked."runId" and r.id = any(array(select "runId" from asked)) and ${isUnfinished("r.state")}
  returning r.id, r.project_id, r.work_order_id, r.state, r.finished_at
),
${workOrders}
select id from ended`;

export async function endRuns(sql: Sql, ends: { runId: string; end: RunEnd }[]): Promise<boolean[]> {
  const asked = ends.map((one) => ({ runId: one.runId, ...one.end }));
  const rows = await sql.query<{ id: string }>(end, [jsonb(asked)], "end-runs");
  const ended = new Set(rows.map((row) => row.id));
  return ends.map(({ runId }) => ended.has(runId));
}
