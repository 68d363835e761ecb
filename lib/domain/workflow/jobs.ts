import { sql } from "drizzle-orm";
import { z } from "zod";
import { containing } from "@/db/like";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";

export const listJobsInput = pageInput.extend({
  /** Part of the job's or the workflow's name. */
  text: z.string().trim().min(1).max(100).optional(),
  id: z.uuid().optional().meta({ description: "One job." }),
});

/** A job of a workflow that was not deleted. */
export const jobRow = z
  .strictObject({ ...named.shape, workflowId: z.uuid(), workflowName: z.string() })
  .meta({ id: "JobRow" });
export type JobRow = z.infer<typeof jobRow>;

/** The project's jobs by the names of their workflows, then by their own. */
export async function listJobs(
  ctx: Context,
  input: z.input<typeof listJobsInput> = {},
): Promise<Page<JobRow>> {
  requirePermission(ctx, "workflow.read");
  const { text, id, cursor, limit } = listJobsInput.parse(input);
  const found = await rows<JobRow>(
    ctx.db,
    sql`select j.id, j.name, w.id as "workflowId", w.name as "workflowName"
        from workflows w join jobs j on j.workflow_id = w.id and j.project_id = w.project_id
        where w.project_id = ${ctx.project.id} and w.deleted_at is null
          ${id ? sql`and j.id = ${id}` : sql``}
          ${text ? sql`and (j.name ilike ${containing(text)} or w.name ilike ${containing(text)})` : sql``}
          ${cursor ? sql`and (w.name, j.name, j.id) > ${placeOf(ctx, cursor)}` : sql``}
        order by w.name, j.name, j.id limit ${limit + 1}`,
  );
  return toPage(found, limit);
}

/** Where the page before ended. A job that is gone since is nowhere: nothing follows it. */
const placeOf = (ctx: Context, cursor: string) =>
  sql`(select w.name, j.name, j.id from jobs j join workflows w on w.id = j.workflow_id
    where j.id = ${cursor} and j.project_id = ${ctx.project.id})`;
