import type { Database, Sql } from "@/db/client";
import { type QueuedRun, queueWork } from "@/lib/queue/queue";
import { lastFinalState, storeState } from "./final-state";

type DueTrigger = {
  id: string;
  projectId: string;
  workflowId: string;
  snapshotId: string;
  cronExpression: string;
  cursorJobId: string | null;
  /** An enabled edge leaves it. */
  leads: boolean;
};

export function fireDueTriggers(
  database: Database,
  now: Date,
  next: (cronExpression: string) => Date | null,
): Promise<QueuedRun[]> {
  return database.transaction(async (sql) => {
    const due = await sql.query<DueTrigger>(
      `select /* all tenants: the clock */ t.id, t.project_id as "projectId", t.workflow_id as "workflowId", w.snapshot_id as "snapshotId",
         t.cron_expression as "cronExpression", t.cron_cursor_job_id as "cursorJobId",
         exists (select 1 from edges e where e.workflow_id = t.workflow_id and e.project_id = t.project_id
           and e.source_trigger_id = t.id and e.enabled) as leads
       from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id
         join projects p on p.id = t.project_id and p.deletion_scheduled_at is null
       where t.next_run_at <= $1 and t.enabled and t.type = 'cron' and w.deleted_at is null and w.snapshot_id is not null
       order by t.next_run_at limit 500 for update of t skip locked`,
      [now],
    );
    const work = [];
    for (const { id, cronExpression, cursorJobId, leads, ...of } of due) {
      await sql.query("update triggers set next_run_at = $3 where id = $1 and project_id = $2", [
        id,
        of.projectId,
        next(cronExpression),
      ]);
      // The workflow's page says so: `leads` in lib/domain/workflow/list.ts.
      if (!leads) continue;
      const dataclipId = await startState(sql, { ...of, triggerId: id, cursorJobId });
      work.push({ ...of, triggerId: id, dataclipId });
    }
    return queueWork(sql, work);
  });
}

type Cursor = { projectId: string; workflowId: string; triggerId: string; cursorJobId: string | null };

/**
 * Where a cron run starts from: the output of the cursor job's last success, else the last successful run's final
 * state, else `{}` (reference: platform §3.8). Returns a dataclip id.
 */
async function startState(sql: Sql, { cursorJobId, ...of }: Cursor): Promise<string> {
  const last = cursorJobId ? await lastOutput(sql, of.projectId, cursorJobId) : await lastFinalState(sql, of);
  return last ?? storeState(sql, of.projectId, { body: "{}", sealed: null, size: 2 });
}

async function lastOutput(sql: Sql, projectId: string, jobId: string): Promise<string | null> {
  const [last] = await sql.query<{ id: string }>(
    `select output_dataclip_id as id from steps
     where job_id = $1 and project_id = $2 and exit_reason = 'success' and output_dataclip_id is not null order by id desc limit 1`,
    [jobId, projectId],
  );
  return last?.id ?? null;
}
