import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import type { RunDetail } from "./types";

/** How many runs that a run started are shown. */
const mostCaused = 100;

/** What started a run's work order, and what the ends of its jobs started. For verbs that have asked for permission. */
export async function causesOf(ctx: Context, runId: string): Promise<Pick<RunDetail, "causedBy" | "caused">> {
  const project = ctx.project.id;
  const [[causedBy = null], caused] = await Promise.all([
    rows<NonNullable<RunDetail["causedBy"]>>(
      ctx.db,
      sql`select s.run_id as "runId", s.id as "stepId", s.job_name as "jobName", w.id as "workflowId", w.name as "workflowName"
          from runs r join work_orders o on o.id = r.work_order_id and o.project_id = r.project_id
            join steps s on s.id = o.caused_by_step_id and s.project_id = o.project_id
            join workflows w on w.id = s.workflow_id and w.project_id = s.project_id
          where r.id = ${runId}::uuid and r.project_id = ${project}`,
    ),
    rows<RunDetail["caused"][number]>(
      ctx.db,
      sql`select f.id as "runId", s.id as "stepId", s.job_name as "jobName", w.id as "workflowId", w.name as "workflowName",
            coalesce(t.type, 'flow') as type, o.state
          from steps s join work_orders o on o.caused_by_step_id = s.id and o.project_id = s.project_id
            join workflows w on w.id = o.workflow_id and w.project_id = o.project_id
            left join triggers t on t.id = o.trigger_id and t.project_id = o.project_id
            left join lateral (
              select id from runs where work_order_id = o.id and project_id = o.project_id order by id limit 1
            ) f on true
          where s.run_id = ${runId}::uuid and s.project_id = ${project} order by o.id limit ${mostCaused}`,
    ),
  ]);
  return { causedBy, caused };
}
