import { z } from "zod";
import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { rewriteWorkflows } from "@/lib/domain/workflow/rewrite";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import type { JobNode } from "@/lib/workflow/types";
import { entryOf, usesOf, versionOf } from "./entry";
import { copyOf } from "./take-over";
import { type ChangedWorkflows, changedWorkflows, versionNumber } from "./types";

export const attachJobInput = z.strictObject({
  id: z.uuid(),
  workflowId: z.uuid(),
  jobId: z.uuid(),
  /** Left out: the newest. */
  version: versionNumber.optional(),
});

export const detachJobInput = z.strictObject({ id: z.uuid(), jobId: z.uuid() });

export const jobOfLibrary = z.strictObject({ workflows: changedWorkflows });

/**
 * Makes a job one of an entry: its code and adaptor are replaced by those of a version. Throws `not_found` for what is
 * not the project's.
 */
export function attachLibraryJob(
  ctx: Context,
  input: z.input<typeof attachJobInput>,
): Promise<z.infer<typeof jobOfLibrary>> {
  const { id, workflowId, jobId, version: wanted } = attachJobInput.parse(input);
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    await entryOf(ctx, tx, id);
    const version = await versionOf(ctx, tx, id, wanted);
    const workflows = await changeJob(ctx, tx, { workflowId, jobId }, (job) => copyOf(job, id, version));
    return {
      result: { workflows },
      audit: { event: "library.attach", itemId: id, after: { workflowId, jobId, version: version.version } },
      changed: null,
    };
  });
}

/** Makes a job one of its own again: it keeps the code that it has. Throws `not_found` for one that is not the entry's. */
export function detachLibraryJob(
  ctx: Context,
  input: z.input<typeof detachJobInput>,
): Promise<z.infer<typeof jobOfLibrary>> {
  const { id, jobId } = detachJobInput.parse(input);
  return write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    await entryOf(ctx, tx, id);
    const use = (await usesOf(ctx, tx, [id])).find((one) => one.jobId === jobId);
    if (!use) throw notFound("The job");
    const { workflowId, version } = use;
    const workflows = await changeJob(ctx, tx, { workflowId, jobId }, (job) => ({
      ...job,
      libraryJobId: null,
      libraryVersion: null,
    }));
    return {
      result: { workflows },
      audit: { event: "library.detach", itemId: id, before: { workflowId, jobId, version } },
      changed: null,
    };
  });
}

async function changeJob(
  ctx: Context,
  tx: Db,
  { workflowId, jobId }: { workflowId: string; jobId: string },
  change: (job: JobNode) => JobNode,
): Promise<ChangedWorkflows> {
  let isThere = false;
  const workflows = await rewriteWorkflows(ctx, tx, [workflowId], (graph) => ({
    ...graph,
    jobs: graph.jobs.map((job) => {
      if (job.id !== jobId) return job;
      isThere = true;
      return change(job);
    }),
  }));
  if (!isThere) throw notFound("The job");
  return workflows;
}
