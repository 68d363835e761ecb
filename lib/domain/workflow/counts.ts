import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { type ExitReason, exitReasons, type FinalRunState, finalRunStates } from "@/lib/words";

export const workflowCountsInput = z.strictObject({
  id: z.uuid(),
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(168)
    .default(24)
    .meta({ description: "How many, with the one that is under way." }),
});

const byState = z
  .partialRecord(z.enum(finalRunStates), z.int())
  .meta({ description: "By a run's final state; a state that none came to is left out." });

/** How runs and steps of a workflow ended, by the hours in which they did. */
export const workflowCounts = z
  .strictObject({
    from: moment.meta({ description: "Where the first hour begins." }),
    since: moment.nullable().meta({
      description:
        "Since when ends are counted, when that is later than `from` and the workflow: what ended before is missing. null when nothing is.",
    }),
    runs: byState,
    hours: z
      .array(z.strictObject({ hour: moment, runs: byState }))
      .meta({ description: "Every hour (UTC), the one that is under way last." }),
    jobs: z
      .array(
        z.strictObject({
          id: z.uuid(),
          name: z.string(),
          steps: z.partialRecord(z.enum(exitReasons), z.int()).meta({ description: "By exit reason." }),
        }),
      )
      .meta({ description: "The jobs that the workflow has now, by name." }),
  })
  .meta({ id: "WorkflowCounts" });
export type WorkflowCounts = z.infer<typeof workflowCounts>;

type ByState = Partial<Record<FinalRunState, number>>;

/** The job that stands for runs in `end_counts`. */
const ofRuns = "00000000-0000-0000-0000-000000000000";
const hourMs = 3_600_000;

/**
 * How a workflow's runs, and its jobs' steps, ended in the last hours: exact, from counters that each end's own commit keeps.
 * What has been deleted since stays counted. Throws `not_found`.
 */
export async function getWorkflowCounts(
  ctx: Context,
  input: z.input<typeof workflowCountsInput>,
  now = new Date(),
): Promise<WorkflowCounts> {
  requirePermission(ctx, "workflow.read");
  const { success, data } = workflowCountsInput.safeParse(input);
  if (!success) throw notFound("Workflow");
  const { id, hours } = data;
  const first = (Math.floor(now.getTime() / hourMs) - hours + 1) * hourMs;
  const from = new Date(first).toISOString();
  const [workflow] = await rows<{ since: Date | string | null; isMissing: boolean }>(
    ctx.db,
    sql`select u.ends_since as since, u.ends_since is null or u.ends_since > greatest(${from}::timestamptz, w.created_at) as "isMissing"
        from workflows w cross join usage_counted u
        where w.id = ${id} and w.project_id = ${ctx.project.id} and w.deleted_at is null`,
  );
  if (!workflow) throw notFound("Workflow");
  const [ended, steps] = await Promise.all([
    rows<{ place: number; outcome: FinalRunState; count: number }>(
      ctx.db,
      sql`select (extract(epoch from hour - ${from}::timestamptz) / 3600)::int as place, outcome, sum(count)::int as count from end_counts
          where project_id = ${ctx.project.id} and workflow_id = ${id} and job_id = ${ofRuns} and hour >= ${from}::timestamptz
          group by hour, outcome having sum(count) > 0`,
    ),
    rows<{ id: string; name: string } & Record<ExitReason, number | null>>(
      ctx.db,
      sql`select j.id, j.name, c.* from jobs j cross join lateral (
            select ${sql.raw(exitReasons.map((word) => `(sum(count) filter (where outcome = '${word}'))::int as ${word}`).join(", "))}
            from end_counts
            where project_id = j.project_id and workflow_id = j.workflow_id and job_id = j.id and hour >= ${from}::timestamptz
          ) c
          where j.project_id = ${ctx.project.id} and j.workflow_id = ${id} order by j.name, j.id`,
    ),
  ]);
  const total: ByState = {};
  const each = Array.from({ length: hours }, (_, place) => ({
    hour: new Date(first + place * hourMs).toISOString(),
    runs: {} as ByState,
  }));
  for (const { place, outcome, count } of ended) {
    const of = each[place];
    if (of) of.runs[outcome] = count;
    total[outcome] = (total[outcome] ?? 0) + count;
  }
  const jobs = steps.map(({ id, name, ...of }) => ({
    id,
    name,
    steps: Object.fromEntries(exitReasons.flatMap((word) => (of[word] ? [[word, of[word]]] : []))),
  }));
  return {
    from,
    since: workflow.isMissing ? new Date(workflow.since ?? now).toISOString() : null,
    runs: total,
    hours: each,
    jobs,
  };
}
