import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "@/db/client";
import { jobs } from "@/db/schema";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { parseAdaptor, type ResolveAdaptor } from "./adaptors";
import type { WorkflowInput } from "./schemas";

/**
 * Returns the graph with every adaptor pinned: a job whose adaptor is written as before keeps its version, others are
 * resolved. Calls the resolver once per adaptor, so do this outside a transaction. Throws what the resolver throws.
 */
export async function pinAdaptors(
  db: Db,
  projectId: string,
  input: WorkflowInput,
  resolve: ResolveAdaptor,
): Promise<WorkflowGraph> {
  const ids = input.jobs.map((job) => job.id);
  const before = await db
    .select({ id: jobs.id, adaptor: jobs.adaptor, version: jobs.adaptorVersion })
    .from(jobs)
    .where(and(eq(jobs.projectId, projectId), inArray(jobs.id, ids)));
  const versions = new Map<string, string>();
  const pinned: WorkflowGraph["jobs"] = [];
  for (const job of input.jobs) {
    const kept = before.find((old) => old.id === job.id && old.adaptor === job.adaptor)?.version;
    const adaptorVersion = kept ?? versions.get(job.adaptor) ?? (await resolveText(job.adaptor, resolve));
    if (!kept) versions.set(job.adaptor, adaptorVersion);
    pinned.push({ ...job, adaptorVersion });
  }
  const { name, concurrency, triggers, edges, positions } = input;
  return { name, concurrency, triggers, jobs: pinned, edges, positions };
}

async function resolveText(text: string, resolve: ResolveAdaptor): Promise<string> {
  const { name, spec } = parseAdaptor(text);
  return (await resolve(name, spec)).version;
}
