import { z } from "zod";
import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { versionOf } from "@/lib/domain/library/entry";
import { addLibraryVersion } from "@/lib/domain/library/new-version";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import type { ResolveAdaptor } from "./adaptors";
import { refuseUncompiled } from "./compiled";
import { loadGraph } from "./load-graph";
import { presentWorkflow, refuseOther } from "./present";
import { clientUuid, jobCode, savedVersionInput, versionNote } from "./schemas";
import { type SavedWorkflow, writeWorkflow } from "./write";

export const repairJobInput = z.strictObject({
  id: clientUuid,
  jobId: clientUuid,
  body: jobCode,
  lockVersion: savedVersionInput.shape.lockVersion.meta({
    description: "The workflow's present version, as whoever repairs has seen it.",
  }),
  note: versionNote.nullish().meta({ description: "What is new in the version." }),
  library: z.enum(["detach", "version"]).optional().meta({
    description:
      "Of a job that follows a library entry: `detach` changes it alone, and it follows the entry no more; `version` adds the code to the entry as its next version, which the jobs of this workflow that follow it have at once, and others can take over.",
  }),
});

type Deps = { resolveAdaptor: ResolveAdaptor };
type Wanted = z.output<typeof repairJobInput>;

/**
 * Changes the code of one job and nothing else, as the workflow's next version. Throws `not_found` for a workflow or a job
 * that is not there any more, `conflict` when the workflow is another version than `lockVersion`, or for a job of the
 * library when nothing says what becomes of that.
 */
export async function repairJob(
  ctx: Context,
  input: z.input<typeof repairJobInput>,
  deps: Deps,
): Promise<SavedWorkflow> {
  requirePermission(ctx, "workflow.write");
  const wanted = repairJobInput.parse(input);
  await refuseUncompilable(ctx, wanted);
  return write(ctx, "workflow.write", async (tx) => {
    const mine = { ...ctx, db: tx };
    await lockProject(tx, ctx.project.id);
    const graph = await presentGraph(mine, wanted);
    const job = graph.jobs.find(({ id }) => id === wanted.jobId);
    if (!job) throw notFound("The job");
    const { libraryJobId } = job;
    if (libraryJobId !== null && job.body !== wanted.body) {
      refuseUndecided(job, wanted);
      if (wanted.library === "version")
        return { result: await asNewVersion(mine, tx, { wanted, job, libraryJobId }, deps), ...saidWithin };
    }
    const result = await writeWorkflow(mine, {
      id: wanted.id,
      lockVersion: wanted.lockVersion,
      graph: withCode(graph, wanted),
      source: "app",
      note: wanted.note,
    });
    return { result, ...saidWithin };
  });
}

/** Verbs within have told it. */
const saidWithin = { audit: null, changed: null };

const withCode = (graph: WorkflowGraph, { jobId, body, library }: Wanted): WorkflowGraph => ({
  ...graph,
  jobs: graph.jobs.map((job) =>
    job.id === jobId
      ? { ...job, body, ...(library === "detach" ? { libraryJobId: null, libraryVersion: null } : {}) }
      : job,
  ),
});

/** The present version, which must be the one that was seen. No save comes between: the project is locked. */
async function presentGraph(ctx: Context, { id, lockVersion }: Wanted): Promise<WorkflowGraph> {
  const workflow = await presentWorkflow(ctx, id);
  refuseOther(workflow, lockVersion);
  return workflow.graph;
}

/** Outside of the transaction, and only this job: others are not what is being repaired. */
async function refuseUncompilable(ctx: Context, wanted: Wanted): Promise<void> {
  const graph = await presentGraph(ctx, wanted);
  const jobs = withCode(graph, wanted).jobs.filter(({ id }) => id === wanted.jobId);
  await refuseUncompiled(ctx, { ...graph, jobs });
}

function refuseUndecided(job: JobNode, { library }: Wanted): void {
  if (library !== undefined) return;
  throw conflict(
    `"${job.name}" follows an entry of the library. Say whether it is changed alone and follows the entry no more (library: detach), or the code becomes the entry's next version (library: version).`,
    { jobId: job.id, libraryJobId: job.libraryJobId, libraryVersion: job.libraryVersion },
  );
}

type OfLibrary = { wanted: Wanted; job: JobNode; libraryJobId: string };

async function asNewVersion(
  ctx: Context,
  tx: Db,
  { wanted: { id, body }, job, libraryJobId }: OfLibrary,
  deps: Deps,
): Promise<SavedWorkflow> {
  const newest = await versionOf(ctx, tx, libraryJobId);
  if (newest.version !== job.libraryVersion)
    throw conflict(
      `"${job.name}" has version ${job.libraryVersion} of its library entry, whose newest is ${newest.version}. Take that one over first, or change the job alone.`,
      { version: newest.version },
    );
  const { workflows: changed } = await addLibraryVersion(
    ctx,
    { id: libraryJobId, version: newest.version, body, workflows: [id] },
    deps,
  );
  const saved = changed.find((one) => one.id === id);
  if (!saved) throw new Error("The workflow did not take the entry's next version over.");
  const { graph } = await loadGraph(tx, ctx.project.id, saved.snapshotId);
  return { ...saved, graph, changed: true };
}
