import { and, desc, eq, inArray, isNull } from "drizzle-orm";
import type { Db } from "@/db/client";
import { jobs, libraryJobs, libraryVersions, workflows } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { conflict, notFound } from "@/lib/refusal";
import type { LibraryUse } from "./types";

type Of = Pick<Context, "db" | "project">;

export type EntryVersion = {
  version: number;
  body: string;
  adaptor: string;
  adaptorVersion: string;
};

const isIt = (ctx: Of, id: string) => and(eq(libraryJobs.id, id), eq(libraryJobs.projectId, ctx.project.id));

/** Returns an entry of the project. With `lock` nobody else changes it meanwhile. Throws `not_found`. */
export async function entryOf(ctx: Of, db: Db, id: string, lock = false) {
  const find = db.select().from(libraryJobs).where(isIt(ctx, id));
  const [entry] = await (lock ? find.for("no key update") : find);
  if (!entry) throw notFound("The library entry");
  return entry;
}

/** Returns a version with its code, without `version` the newest. Throws `not_found`. */
export async function versionOf(ctx: Of, db: Db, id: string, version?: number): Promise<EntryVersion> {
  const columns = {
    version: libraryVersions.version,
    body: libraryVersions.body,
    adaptor: libraryVersions.adaptor,
    adaptorVersion: libraryVersions.adaptorVersion,
  };
  const [found] = await db
    .select(columns)
    .from(libraryVersions)
    .where(
      and(
        eq(libraryVersions.libraryJobId, id),
        eq(libraryVersions.projectId, ctx.project.id),
        version === undefined ? undefined : eq(libraryVersions.version, version),
      ),
    )
    .orderBy(desc(libraryVersions.version))
    .limit(1);
  if (!found)
    throw notFound(version === undefined ? "The library entry" : `Version ${version} of this entry`);
  return found;
}

/** Returns the jobs of living workflows that are of the entries, by workflow and job. */
export async function usesOf(ctx: Of, db: Db, ids: string[]): Promise<(LibraryUse & { entryId: string })[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({
      entryId: jobs.libraryJobId,
      workflowId: workflows.id,
      workflowName: workflows.name,
      jobId: jobs.id,
      jobName: jobs.name,
      version: jobs.libraryVersion,
    })
    .from(jobs)
    .innerJoin(workflows, eq(workflows.id, jobs.workflowId))
    .where(
      and(eq(jobs.projectId, ctx.project.id), inArray(jobs.libraryJobId, ids), isNull(workflows.deletedAt)),
    )
    .orderBy(workflows.name, jobs.name, jobs.id);
  return rows.flatMap(({ entryId, version, ...use }) =>
    entryId === null || version === null ? [] : [{ entryId, version, ...use }],
  );
}

/** Says that the name is taken when the database refuses one. */
export async function withTakenEntryName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violates(error, "library_jobs_name"))
      throw conflict("Another entry of this project's library has this name. Choose another one.");
    throw error;
  }
}
