import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { libraryJobs, libraryVersions } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import { requirePermission } from "@/lib/domain/permissions";
import { parseAdaptor, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { rewriteWorkflows } from "@/lib/domain/workflow/rewrite";
import { write } from "@/lib/domain/write";
import { refuseGrowth } from "@/lib/limits";
import { conflict, notFound } from "@/lib/refusal";
import { missingAdaptor } from "@/lib/workflow/adaptor-name";
import type { JobNode } from "@/lib/workflow/types";
import { withTakenEntryName } from "./entry";
import { changedWorkflows, entryAdaptor, entryCode, entryDescription, entryName } from "./types";

const about = { name: entryName, description: entryDescription.default(null) };

/** Code of one's own, or that of a job, which becomes the entry's first user. */
export const createLibraryJobInput = z.union([
  z.strictObject({ ...about, body: entryCode, adaptor: entryAdaptor }),
  z.strictObject({ ...about, workflowId: z.uuid(), jobId: z.uuid() }),
]);

export const createdLibraryJob = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  version: z.int(),
  workflows: changedWorkflows,
});
export type CreatedLibraryJob = z.infer<typeof createdLibraryJob>;

type Deps = { resolveAdaptor: ResolveAdaptor };
type Code = { body: string; adaptor: string; adaptorVersion: string };

/**
 * Makes an entry of the project's library, its first version from code or from a job of a workflow, which is of it from
 * then on. Throws `conflict` when the name is taken or the job is of another entry, `invalid` for an adaptor that cannot
 * be had.
 */
export async function createLibraryJob(
  ctx: Context,
  input: z.input<typeof createLibraryJobInput>,
  { resolveAdaptor }: Deps,
): Promise<CreatedLibraryJob> {
  requirePermission(ctx, "workflow.write");
  const wanted = createLibraryJobInput.parse(input);
  const own = "body" in wanted ? await pinned(wanted, resolveAdaptor) : null;
  return withTakenEntryName(() =>
    write(ctx, "workflow.write", async (tx) => {
      await lockProject(tx, ctx.project.id);
      const job = "jobId" in wanted ? await jobOf(ctx, tx, wanted) : null;
      const code = own ?? job;
      if (!code) throw new Error("An entry is made of code or of a job.");
      const { name, description } = wanted;
      const id = await insertEntry(ctx, tx, { name, description, version: 1 });
      const { body, adaptor, adaptorVersion } = code;
      const first = { libraryJobId: id, version: 1, note: null };
      await insertVersion(ctx, tx, { ...first, body, adaptor, adaptorVersion });
      await refuseTooMuch(ctx, tx, id);
      const link = (one: JobNode): JobNode =>
        one.id === job?.id ? { ...one, libraryJobId: id, libraryVersion: 1 } : one;
      const workflows = await rewriteWorkflows(ctx, tx, job ? [job.workflowId] : [], (graph) => ({
        ...graph,
        jobs: graph.jobs.map(link),
      }));
      return {
        result: { id, name, version: 1, workflows },
        audit: {
          event: "library.create",
          itemId: id,
          after: { name, adaptor, adaptorVersion, jobId: job?.id ?? null },
        },
        changed: null,
      };
    }),
  );
}

/** Pins an adaptor as it is written; asks the runner, so outside a transaction. */
export async function pinned(
  { body, adaptor }: { body: string; adaptor: string },
  resolveAdaptor: ResolveAdaptor,
): Promise<Code> {
  const { name, spec } = parseAdaptor(adaptor);
  return { body, adaptor, adaptorVersion: (await resolveAdaptor(name, spec)).version };
}

async function jobOf(ctx: Context, tx: Db, { workflowId, jobId }: { workflowId: string; jobId: string }) {
  const [job] = await rows<
    Omit<Code, "adaptorVersion"> & {
      adaptorVersion: string | null;
      id: string;
      name: string;
      workflowId: string;
      libraryJobId: string | null;
    }
  >(
    tx,
    sql`select j.id, j.name, j.workflow_id as "workflowId", j.body, j.adaptor, j.adaptor_version as "adaptorVersion", j.library_job_id as "libraryJobId"
        from jobs j join workflows w on w.id = j.workflow_id and w.deleted_at is null
        where j.id = ${jobId} and j.workflow_id = ${workflowId} and j.project_id = ${ctx.project.id}`,
  );
  if (!job) throw notFound("The job");
  if (job.libraryJobId)
    throw conflict(
      `"${job.name}" is of a library entry already. Detach it first, to make another one of it.`,
    );
  const { adaptorVersion } = job;
  if (adaptorVersion === null) throw conflict(missingAdaptor(job));
  return { ...job, adaptorVersion };
}

/** Writes the row of an entry, in the caller's `write`; its versions are written apart. */
export async function insertEntry(
  ctx: Context,
  tx: Db,
  entry: { id?: string; name: string; description: string | null; version: number },
): Promise<string> {
  const [row] = await tx
    .insert(libraryJobs)
    .values({ ...entry, projectId: ctx.project.id })
    .returning({ id: libraryJobs.id });
  if (!row) throw new Error("The library entry was not written.");
  return row.id;
}

export type NewVersion = Code & { libraryJobId: string; version: number; note: string | null };

/** Writes one version, in the caller's `write`. */
export async function insertVersion(ctx: Context, tx: Db, version: NewVersion): Promise<void> {
  await tx
    .insert(libraryVersions)
    .values({ ...version, projectId: ctx.project.id, createdBy: ctx.actor.label });
}

/** Throws `invalid` when the library has more than it may, after something was added. The project is locked. */
export async function refuseTooMuch(ctx: Context, tx: Db, entryId: string): Promise<void> {
  const whose = "The project's library";
  await refuseLastMade(tx, "libraryJobs", {
    table: libraryJobs,
    where: eq(libraryJobs.projectId, ctx.project.id),
    whose,
  });
  await refuseLastMade(tx, "libraryVersions", {
    table: libraryVersions,
    where: eq(libraryVersions.libraryJobId, entryId),
    whose: "The entry",
  });
  const [row] = await rows<{ bytes: number }>(
    tx,
    sql`select coalesce(sum(octet_length(body)), 0)::int as bytes from library_versions where project_id = ${ctx.project.id}`,
  );
  refuseGrowth("libraryCode", row?.bytes ?? 0, 0, whose);
}
