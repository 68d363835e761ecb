import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "@/db/client";
import { libraryJobs, libraryVersions } from "@/db/schema";
import { conflict, invalid } from "@/lib/refusal";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";

type Named = Pick<JobNode, "id" | "name" | "libraryJobId" | "libraryVersion">;

export type FollowedVersion = { name: string; body: string; adaptor: string; adaptorVersion: string };

const keyOf = ({ libraryJobId, libraryVersion }: Pick<JobNode, "libraryJobId" | "libraryVersion">) =>
  `${libraryJobId}@${libraryVersion}`;

/** Returns the versions of the project's entries that jobs name, by job. Those that are not there are missing. */
export async function followedVersions(
  db: Db,
  projectId: string,
  jobs: readonly Named[],
): Promise<Map<string, FollowedVersion>> {
  const named = jobs.filter((job) => job.libraryJobId !== null && job.libraryVersion !== null);
  if (named.length === 0) return new Map();
  const ids = [...new Set(named.flatMap((job) => job.libraryJobId ?? []))];
  const numbers = [...new Set(named.flatMap((job) => job.libraryVersion ?? []))];
  const rows = await db
    .select({
      libraryJobId: libraryVersions.libraryJobId,
      libraryVersion: libraryVersions.version,
      name: libraryJobs.name,
      body: libraryVersions.body,
      adaptor: libraryVersions.adaptor,
      adaptorVersion: libraryVersions.adaptorVersion,
    })
    .from(libraryVersions)
    .innerJoin(libraryJobs, eq(libraryJobs.id, libraryVersions.libraryJobId))
    .where(
      and(
        eq(libraryVersions.projectId, projectId),
        inArray(libraryVersions.libraryJobId, ids),
        inArray(libraryVersions.version, numbers),
      ),
    );
  const versions = new Map(rows.map((row) => [keyOf(row), row]));
  return new Map(
    named.flatMap((job) => {
      const version = versions.get(keyOf(job));
      return version ? [[job.id, version] as const] : [];
    }),
  );
}

/**
 * The graph with its library jobs pinned as their entries are. Throws `invalid` for an entry or version that is not the
 * project's, `conflict` for a job whose code or adaptor is not what its entry says: a reader of the library must be able
 * to rely on it.
 */
export async function followLibrary(db: Db, projectId: string, graph: WorkflowGraph): Promise<WorkflowGraph> {
  if (graph.jobs.every((job) => job.libraryJobId === null)) return graph;
  const versions = await followedVersions(db, projectId, graph.jobs);
  const jobs = graph.jobs.map((job) => {
    if (job.libraryJobId === null) return job;
    const version = versions.get(job.id);
    if (!version)
      throw invalid(
        `"${job.name}" names an entry or a version that this project's library does not have. Choose another, or leave out libraryJobId and libraryVersion.`,
        { jobId: job.id },
      );
    refuseDeviation(job, version);
    return { ...job, adaptorVersion: version.adaptorVersion };
  });
  return { ...graph, jobs };
}

function refuseDeviation(job: JobNode, { name, body, adaptor }: FollowedVersion): void {
  const different = job.body !== body ? "code" : job.adaptor !== adaptor ? "adaptor" : null;
  if (different)
    throw conflict(
      `"${job.name}" is of the library entry "${name}", version ${job.libraryVersion}, and its ${different} is another one. Save it as a new version of the entry, which its other users can take over, or detach the job (leave out libraryJobId and libraryVersion) to change it alone.`,
      { jobId: job.id, libraryJobId: job.libraryJobId, libraryVersion: job.libraryVersion },
    );
}
