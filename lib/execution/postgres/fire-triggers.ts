import type { Database, Sql } from "@/db/client";
import { type QueuedRun, queueWork } from "@/lib/queue/queue";

type DueTrigger = {
  id: string;
  projectId: string;
  workflowId: string;
  snapshotId: string;
  cronExpression: string;
  cursorJobId: string | null;
};

export function fireDueTriggers(
  database: Database,
  now: Date,
  next: (cronExpression: string) => Date | null,
): Promise<QueuedRun[]> {
  return database.transaction(async (sql) => {
    const due = await sql.query<DueTrigger>(
      `select /* all tenants: the clock */ t.id, t.project_id as "projectId", t.workflow_id as "workflowId", w.snapshot_id as "snapshotId",
         t.cron_expression as "cronExpression", t.cron_cursor_job_id as "cursorJobId"
       from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id
         join projects p on p.id = t.project_id and p.deletion_scheduled_at is null
       where t.next_run_at <= $1 and t.enabled and t.type = 'cron' and w.deleted_at is null and w.snapshot_id is not null
       order by t.next_run_at limit 500 for update of t skip locked`,
      [now],
    );
    const work = [];
    for (const { id, cronExpression, cursorJobId, ...of } of due) {
      await sql.query("update triggers set next_run_at = $3 where id = $1 and project_id = $2", [
        id,
        of.projectId,
        next(cronExpression),
      ]);
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
async function startState(
  sql: Sql,
  { projectId, workflowId, triggerId, cursorJobId }: Cursor,
): Promise<string> {
  const [last] = cursorJobId
    ? await sql.query<{ id: string }>(
        `select output_dataclip_id as id from steps
         where job_id = $1 and project_id = $2 and exit_reason = 'success' and output_dataclip_id is not null order by id desc limit 1`,
        [cursorJobId, projectId],
      )
    : await sql.query<{ id: string }>(
        `select s.output_dataclip_id as id from runs r
         join lateral (select output_dataclip_id from steps where run_id = r.id and project_id = r.project_id order by ordinal desc limit 1) s on true
         where r.workflow_id = $1 and r.project_id = $3 and r.state = 'success' and r.starting_trigger_id = $2
           and s.output_dataclip_id is not null
         order by r.id desc limit 1`,
        [workflowId, triggerId, projectId],
      );
  if (last) return last.id;
  const [fresh] = await sql.query<{ id: string }>(
    "insert into dataclips (project_id, type, body, size) values ($1, 'global', '{}', 2) returning id",
    [projectId],
  );
  if (!fresh) throw new Error("The start of a cron run was not stored.");
  return fresh.id;
}
