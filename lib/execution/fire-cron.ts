import type { Database, Sql } from "@/db/client";
import { nextFire } from "@/lib/workflow/cron";

type DueTrigger = {
  id: string;
  project_id: string;
  workflow_id: string;
  snapshot_id: string;
  cron_expression: string;
  cron_cursor_job_id: string | null;
  next_run_at: Date;
};

/**
 * Starts a run for every cron trigger that is due, and says when each fires next, in one transaction: a tick is never
 * fired twice, and one that was missed while nothing ran is made up for once. Returns how many were fired.
 */
export async function fireDueCronTriggers(database: Database, now = new Date()): Promise<number> {
  return database.transaction(async (sql) => {
    const due = await sql.query<DueTrigger>(
      `select t.id, t.project_id, t.workflow_id, w.snapshot_id, t.cron_expression, t.cron_cursor_job_id, t.next_run_at
       from triggers t join workflows w on w.id = t.workflow_id
       where t.next_run_at <= $1 and t.enabled and t.type = 'cron' and w.deleted_at is null and w.snapshot_id is not null
       order by t.next_run_at limit 500 for update of t skip locked`,
      [now],
    );
    for (const trigger of due) {
      await sql.query("update triggers set next_run_at = $2 where id = $1", [
        trigger.id,
        nextFire(trigger.cron_expression, now),
      ]);
      await queueRun(sql, trigger, await startState(sql, trigger));
    }
    return due.length;
  });
}

/**
 * Where a cron run starts from: the output of the cursor job's last success, else the last successful run's final
 * state, else `{}` (reference: platform §3.8). Returns a dataclip id.
 */
async function startState(sql: Sql, trigger: DueTrigger): Promise<string> {
  const [last] = trigger.cron_cursor_job_id
    ? await sql.query<{ id: string }>(
        `select output_dataclip_id as id from steps where job_id = $1 and exit_reason = 'success' and output_dataclip_id is not null order by id desc limit 1`,
        [trigger.cron_cursor_job_id],
      )
    : await sql.query<{ id: string }>(
        `select s.output_dataclip_id as id from runs r
         join lateral (select output_dataclip_id from steps where run_id = r.id order by ordinal desc limit 1) s on true
         where r.workflow_id = $1 and r.state = 'success' and r.starting_trigger_id = $2 and s.output_dataclip_id is not null
         order by r.id desc limit 1`,
        [trigger.workflow_id, trigger.id],
      );
  if (last) return last.id;
  const [fresh] = await sql.query<{ id: string }>(
    "insert into dataclips (project_id, type, body, size) values ($1, 'global', '{}', 2) returning id",
    [trigger.project_id],
  );
  return fresh?.id ?? "";
}

async function queueRun(sql: Sql, trigger: DueTrigger, dataclipId: string): Promise<void> {
  await sql.query(
    `with work_order as (
       insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, dataclip_id) values ($1, $2, $3, $4, $5) returning id
     ),
     run as (
       insert into runs (project_id, workflow_id, work_order_id, snapshot_id, starting_trigger_id, dataclip_id)
       select $1, $2, id, $3, $4, $5 from work_order returning id
     )
     insert into outbox (event, data)
     select 'run/requested', jsonb_build_object('runId', id, 'projectId', $1::text, 'workflowId', $2::text, 'priority', 0) from run`,
    [trigger.project_id, trigger.workflow_id, trigger.snapshot_id, trigger.id, dataclipId],
  );
}
