import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { insertEntry, insertVersion, type NewVersion, refuseTooMuch } from "@/lib/domain/library/create";
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
    if (versions.size === 0) continue;
    await insertEntry(ctx, tx, { id, name, description: null, version: Math.max(...versions.keys()) });
    for (const [version, { body, adaptor, adaptorVersion }] of versions)
      await insertVersion(ctx, tx, { libraryJobId: id, version, note: null, body, adaptor, adaptorVersion });
    await refuseTooMuch(ctx, tx, id);
  }
}

type Code = Pick<NewVersion, "body" | "adaptor" | "adaptorVersion">;

/** The first job of each version: others of it have the same code, the file was refused otherwise. */
function versionsOf(jobs: JobNode[], entryId: string): Map<number, Code> {
  const versions = new Map<number, Code>();
  for (const { libraryJobId, libraryVersion, body, adaptor, adaptorVersion } of jobs)
    if (libraryJobId === entryId && libraryVersion !== null && adaptorVersion !== null)
      if (!versions.has(libraryVersion)) versions.set(libraryVersion, { body, adaptor, adaptorVersion });
  return versions;
}
