import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { insertEntry, insertVersion, refuseTooMuch } from "@/lib/domain/library/create";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";

type Plan = { drafts: { graph: WorkflowGraph }[]; library: ReadonlyMap<string, string> };

/**
 * Makes the library of an imported project, in the caller's `write`: each entry with those of its versions that jobs are
 * of, under their numbers. Throws `invalid` when it is more than a library may hold.
 */
export async function writeLibrary(ctx: Context, tx: Db, { drafts, library }: Plan): Promise<void> {
  const jobs = drafts.flatMap(({ graph }) => graph.jobs);
  for (const [name, id] of library) {
    const versions = versionsOf(jobs, id);
    await insertEntry(ctx, tx, { id, name, description: null, version: Math.max(...versions.keys()) });
    for (const [version, { body, adaptor, adaptorVersion }] of versions)
      await insertVersion(ctx, tx, { libraryJobId: id, version, note: null, body, adaptor, adaptorVersion });
    await refuseTooMuch(ctx, tx, id);
  }
}

/** The first job of each version: others of it have the same code, the file was refused otherwise. */
function versionsOf(jobs: JobNode[], entryId: string): Map<number, JobNode> {
  const versions = new Map<number, JobNode>();
  for (const job of jobs)
    if (job.libraryJobId === entryId && job.libraryVersion !== null && !versions.has(job.libraryVersion))
      versions.set(job.libraryVersion, job);
  return versions;
}
