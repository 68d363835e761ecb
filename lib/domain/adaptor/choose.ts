import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { jobs, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { rewriteWorkflows } from "@/lib/domain/workflow/rewrite";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import type { JobNode } from "@/lib/workflow/types";

export const chooseAdaptorInput = z.strictObject({
  jobId: clientUuid,
  /** As it is written in a job: `@openfn/language-http@latest`. */
  adaptor: z.string().trim().min(1, "Enter an adaptor, such as @openfn/language-http@latest.").max(200),
});

export const chosenAdaptor = z
  .strictObject({
    adaptor: z.string(),
    version: z.string().meta({ description: "What the job is pinned to; exact." }),
    workflow: z
      .strictObject({ id: z.uuid(), lockVersion: z.int(), snapshotId: z.uuid() })
      .nullable()
      .meta({ description: "The workflow's new version; null when the job had this adaptor already." }),
  })
  .meta({ id: "ChosenAdaptor" });
export type ChosenAdaptor = z.infer<typeof chosenAdaptor>;

/**
 * Chooses the adaptor of one job, as for one whose own cannot be had: the workflow's next version. Throws `invalid` or
 * `unavailable` when this one cannot be had either, `conflict` for a job of a library entry, `not_found`.
 */
export async function chooseAdaptor(
  ctx: Context,
  input: z.input<typeof chooseAdaptorInput>,
  deps: { resolveAdaptor: ResolveAdaptor },
): Promise<ChosenAdaptor> {
  requirePermission(ctx, "workflow.write");
  const { jobId, adaptor } = chooseAdaptorInput.parse(input);
  const workflowId = await workflowOf(ctx, jobId);
  const { name, spec } = parseAdaptor(adaptor);
  const { version } = await deps.resolveAdaptor(name, spec);
  const choose = (job: JobNode): JobNode => {
    if (job.id !== jobId) return job;
    if (job.libraryJobId)
      throw conflict(
        `"${job.name}" is of a library entry. Add a version with another adaptor there, or detach the job first.`,
      );
    return { ...job, adaptor, adaptorVersion: version };
  };
  return write(ctx, "workflow.write", async (tx) => {
    const [workflow] = await rewriteWorkflows(ctx, tx, [workflowId], (graph) => ({
      ...graph,
      jobs: graph.jobs.map(choose),
    }));
    return { result: { adaptor, version, workflow: workflow ?? null }, audit: null, changed: null };
  });
}

async function workflowOf(ctx: Context, jobId: string): Promise<string> {
  const [row] = await ctx.db
    .select({ id: workflows.id })
    .from(jobs)
    .innerJoin(workflows, eq(workflows.id, jobs.workflowId))
    .where(and(eq(jobs.id, jobId), eq(jobs.projectId, ctx.project.id), isNull(workflows.deletedAt)));
  if (!row) throw notFound("The job");
  return row.id;
}
