import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import type { RequestRow } from "./rows";

/**
 * Names outputs among what was found that a cron trigger's next run begins with: of the cursor job's last success, else of
 * the last successful run (lib/queue/start-state.ts). Wiping one changes what that run does, so it has to be asked for.
 */
export async function markCursors(tx: Db, { id, projectId }: RequestRow): Promise<void> {
  await tx.execute(sql`
    insert into person_items (request_id, project_id, kind, item_id, via, places, at, run_id)
    select ${id}::uuid, ${projectId}::uuid, 'cursor', i.clip_id, i.via, '{state}', i.at, i.run_id
    from person_items i
    where i.request_id = ${id}::uuid and i.kind = 'step' and i.project_id = ${projectId}::uuid and i.clip_id in (${nextStarts(projectId)})
      and exists (select 1 from dataclips d where d.id = i.clip_id and d.project_id = i.project_id and d.body is not null)
    on conflict do nothing`);
}

/** SQL for the outputs that cron triggers' next runs begin with. */
export const nextStarts = (projectId: string) => sql`
  select last.id from triggers t
  join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
  cross join lateral (
    select d.id from (
      select s.output_dataclip_id as id from steps s join dataclips d on d.id = s.output_dataclip_id and d.project_id = s.project_id and d.body is not null
      where t.cron_cursor_job_id is not null and s.job_id = t.cron_cursor_job_id and s.project_id = t.project_id and s.exit_reason = 'success'
      order by s.id desc limit 1
    ) d
    union all
    select s.output_dataclip_id from steps s
    where t.cron_cursor_job_id is null and s.project_id = t.project_id and coalesce(s.taken_edges, '[]') = '[]' and s.run_id = (
      select r.id from runs r where r.workflow_id = t.workflow_id and r.project_id = t.project_id and r.state = 'success' and r.starting_trigger_id = t.id
        and exists (select 1 from steps l join dataclips d on d.id = l.output_dataclip_id and d.project_id = l.project_id and d.body is not null
          where l.run_id = r.id and l.project_id = r.project_id and coalesce(l.taken_edges, '[]') = '[]')
      order by r.id desc limit 1)
  ) last
  where t.project_id = ${projectId}::uuid and t.type = 'cron' and last.id is not null`;
