import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { invalid } from "@/lib/refusal";
import { chainProblem, type Following } from "@/lib/workflow/following";

/** A job of a workflow that was not deleted. */
export const jobPlace = z.strictObject({
  jobId: z.uuid(),
  jobName: z.string(),
  workflowId: z.uuid(),
  workflowName: z.string(),
});

/** A trigger of another workflow that starts it when a job has ended. */
export const follower = z.strictObject({
  jobId: z.uuid().meta({ description: "The job that it follows." }),
  triggerId: z.uuid(),
  type: z.enum(["flow", "catch"]),
  enabled: z.boolean(),
  workflowId: z.uuid(),
  workflowName: z.string(),
});
export type Follower = z.infer<typeof follower>;

/** Returns the triggers of other workflows that follow a workflow's jobs, by the names of their workflows. */
export async function followersOf(ctx: Context, workflowId: string): Promise<Follower[]> {
  requirePermission(ctx, "workflow.read");
  return rows<Follower>(
    ctx.db,
    sql`select j.id as "jobId", t.id as "triggerId", t.type, t.enabled, w.id as "workflowId", w.name as "workflowName"
        from jobs j join triggers t on t.source_job_id = j.id and t.project_id = j.project_id
          join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
        where j.workflow_id = ${workflowId}::uuid and j.project_id = ${ctx.project.id} order by w.name, t.id`,
  );
}

/** A trigger that follows a job, with its workflow's name. */
export type FollowingRow = { triggerId: string; workflowId: string; workflow: string; sourceJobId: string };

type Row = FollowingRow & { enabled: boolean; isThere: boolean };

/**
 * Refuses what a save has done to workflows that follow jobs of other ones: a job that is not there, a circle, a chain that
 * is too long. The caller has locked the project. Throws `invalid`.
 */
export async function refuseBrokenFollowing(tx: Db, projectId: string): Promise<void> {
  const found = await rows<Row>(
    tx,
    sql`select t.id as "triggerId", t.enabled, w.id as "workflowId", w.name as workflow, t.source_job_id as "sourceJobId",
          exists (select 1 from jobs j join workflows o on o.id = j.workflow_id and o.project_id = j.project_id and o.deleted_at is null
            where j.id = t.source_job_id and j.project_id = t.project_id) as "isThere"
        from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
        where t.project_id = ${projectId} and t.source_job_id is not null order by w.name, t.id`,
  );
  const broken = found.find(({ isThere }) => !isThere);
  if (broken)
    throw invalid(
      `"${broken.workflow}" is started by the end of a job that is not in this project. Choose another job there, or take the trigger away first.`,
      { problems: [problemOf(broken)] },
    );
  const enabled = found.filter((one) => one.enabled);
  if (enabled.length === 0) return;
  const problem = chainProblem(await reached(tx, projectId, enabled));
  if (problem) throw invalid(problem);
}

const problemOf = ({ triggerId, sourceJobId }: Row) => ({
  item: "trigger" as const,
  itemId: triggerId,
  field: "sourceJobId",
  message: `Cannot find job: ${sourceJobId}`,
});

type Edge = { source: string; target: string };

/** The same in their order, with the jobs that they lead to. */
export async function reached(tx: Db, projectId: string, followings: FollowingRow[]): Promise<Following[]> {
  const ids = [...new Set(followings.map(({ workflowId }) => workflowId))];
  const edges = await rows<Edge>(
    tx,
    sql`select coalesce(source_job_id, source_trigger_id) as source, target_job_id as target from edges
        where project_id = ${projectId} and workflow_id = any(${sql.param(ids)}::uuid[]) and enabled`,
  );
  const targets = new Map<string, string[]>();
  for (const { source, target } of edges) targets.set(source, [...(targets.get(source) ?? []), target]);
  return followings.map(({ triggerId, workflow, sourceJobId }) => {
    const reaches = new Set<string>();
    const open = [triggerId];
    for (let node = open.pop(); node !== undefined; node = open.pop())
      for (const target of targets.get(node) ?? [])
        if (!reaches.has(target)) {
          reaches.add(target);
          open.push(target);
        }
    return { workflow, sourceJobId, reaches };
  });
}
