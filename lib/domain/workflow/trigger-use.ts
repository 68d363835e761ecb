import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { type FollowingRow, reached } from "./following";

const place = { triggerId: z.uuid(), workflowId: z.uuid(), workflowName: z.string() };

/** What one trigger has and so no other can: as many as a project may have (`limits.projectTriggers`). */
export const triggerUse = z
  .strictObject({
    customPaths: z.array(z.strictObject({ ...place, customPath: z.string() })),
    followings: z
      .array(
        z.strictObject({
          ...place,
          sourceJobId: z.uuid(),
          reaches: z.array(z.uuid()).meta({ description: "Jobs that it leads to, over enabled edges." }),
        }),
      )
      .meta({ description: "Enabled triggers that follow a job, of which no circle may be made." }),
  })
  .meta({ id: "TriggerUse" });
export type TriggerUse = z.infer<typeof triggerUse>;

type PathRow = TriggerUse["customPaths"][number];

/** Returns the custom paths of the project's triggers, and which jobs start which workflows: what a new trigger has to fit to. */
export async function getTriggerUse(ctx: Context): Promise<TriggerUse> {
  requirePermission(ctx, "workflow.read");
  const [customPaths, followings] = await Promise.all([
    rows<PathRow>(
      ctx.db,
      sql`select t.custom_path as "customPath", t.id as "triggerId", w.id as "workflowId", w.name as "workflowName"
          from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
          where t.project_id = ${ctx.project.id} and t.custom_path is not null order by t.custom_path`,
    ),
    rows<FollowingRow>(
      ctx.db,
      sql`select t.id as "triggerId", w.id as "workflowId", w.name as workflow, t.source_job_id as "sourceJobId"
          from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
          where t.project_id = ${ctx.project.id} and t.source_job_id is not null and t.enabled order by w.name, t.id`,
    ),
  ]);
  const reaches = followings.length === 0 ? [] : await reached(ctx.db, ctx.project.id, followings);
  return {
    customPaths,
    followings: followings.map(({ triggerId, workflowId, workflow, sourceJobId }, at) => ({
      ...{ triggerId, workflowId, workflowName: workflow, sourceJobId },
      reaches: [...(reaches[at]?.reaches ?? [])],
    })),
  };
}
