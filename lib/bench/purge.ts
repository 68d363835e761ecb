import { database } from "@/db/client";
import { deleteProject } from "@/lib/domain/project/delete";
import { createTarget } from "./setup";

/** Fills a project and deletes it for good. The engine does the rest by itself while the row is measured: nobody sends. */
export async function purgeOfMany(): Promise<null> {
  const { ctx, projectId } = await createTarget("purged", "fn(state => state);");
  const began = performance.now();
  for (let i = 0; i < 10; i++) await database().query(manyRuns(), [projectId, 10_000]);
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `  (100,000 messages with a run, a step, its output and two log lines each, written in ${seconds.toFixed(0)} s)`,
  );
  await deleteProject(ctx, { confirmName: ctx.project.name }, { atOnce: true });
  return null;
}

/** `$2` messages of 1 KB of the project `$1`, each as it is once its run has succeeded; `id` is SQL for their ids. */
export const manyRuns = (id = "uuid_v7()"): string => `
with workflow as (
  select w.id, w.snapshot_id, j.id as job_id from workflows w join jobs j on j.workflow_id = w.id where w.project_id = $1
),
message as (
  insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview)
  select ${id}, $1, 'inbox', 'POST', '{}', '{}', '{}', 'json', convert_to(to_json(repeat('x', 1000))::text, 'UTF8'), 1002, 'x' from generate_series(1, $2::int)
  returning id
),
work_order as (
  insert into work_orders (project_id, workflow_id, snapshot_id, message_id, state)
  select $1, workflow.id, snapshot_id, message.id, 'success' from message, workflow returning id, message_id
),
run as (
  insert into runs (id, project_id, workflow_id, work_order_id, message_id, snapshot_id, state, starting_job_id, started_at, finished_at)
  select ${id}, $1, workflow.id, work_order.id, message_id, snapshot_id, 'success', job_id, now(), now() from work_order, workflow
  returning id, message_id
),
output as (
  insert into stored_states (id, project_id, type, body, size)
  select id, $1, 'step_result', '{"data":1}', 10 from run
),
step as (
  insert into steps (project_id, run_id, workflow_id, message_id, job_id, job_name, adaptor, ordinal, output_dataclip_id, exit_reason, finished_at)
  select $1, run.id, workflow.id, message_id, job_id, 'Step', 'a@1', 0, run.id, 'success', now() from run, workflow
  returning id, message_id, job_id, workflow_id
),
line as (
  insert into log_lines (step_id, seq, at, level, source, message)
  select id, n, now(), 'info', 'JOB', 'done' from step, generate_series(0, 1) n
)
insert into job_states (message_id, job_id, project_id, workflow_id, job_name, result, step_id, exit_reason, finished_at, running_steps)
select message_id, job_id, $1, workflow_id, 'Step', 'success', id, 'success', now(), 0 from step`;
