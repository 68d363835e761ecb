import { and, asc, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { jobs, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { adaptorName } from "@/lib/workflow/adaptor-name";

/** A job and the adaptor it runs with. */
export const adaptorUse = z.strictObject({
  jobId: z.uuid(),
  jobName: z.string(),
  workflowId: z.uuid(),
  workflowName: z.string(),
  name: z.string(),
  adaptor: z.string().meta({ description: "As the job names it, with what it asks for." }),
  version: z.string().nullable().meta({
    description: "Null: the adaptor cannot be had, and the job cannot run until another is chosen.",
  }),
  libraryJobId: z.uuid().nullable().meta({ description: "Of a job that is of a library entry." }),
});
export type AdaptorUse = z.infer<typeof adaptorUse>;

/** Returns which adaptor each job of the project's workflows is pinned to, by workflow and job. */
export async function adaptorUses(ctx: Pick<Context, "db" | "project">): Promise<AdaptorUse[]> {
  const rows = await ctx.db
    .select({
      jobId: jobs.id,
      jobName: jobs.name,
      workflowId: workflows.id,
      workflowName: workflows.name,
      adaptor: jobs.adaptor,
      version: jobs.adaptorVersion,
      libraryJobId: jobs.libraryJobId,
    })
    .from(jobs)
    .innerJoin(workflows, eq(workflows.id, jobs.workflowId))
    .where(and(eq(jobs.projectId, ctx.project.id), isNull(workflows.deletedAt)))
    .orderBy(asc(workflows.name), asc(jobs.name), asc(jobs.id));
  return rows.map((row) => ({ ...row, name: adaptorName(row.adaptor) }));
}
