import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "@/db/client";
import { jobs } from "@/db/schema";
import { followedVersions } from "@/lib/domain/library/follow";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { parseAdaptor, type ResolveAdaptor } from "./adaptors";
import type { WorkflowInput } from "./schemas";

/** Job id → its adaptor as written and the version it was pinned to. */
export type Pins = ReadonlyMap<string, { adaptor: string; version: string }>;

/** Returns the pins of the project's jobs that the input names; those of the library are pinned as their entries are. */
export async function currentPins(db: Db, projectId: string, input: WorkflowInput): Promise<Pins> {
  const ids = input.jobs.map((job) => job.id);
  const rows = await db
    .select({ id: jobs.id, adaptor: jobs.adaptor, version: jobs.adaptorVersion })
    .from(jobs)
    .where(and(eq(jobs.projectId, projectId), inArray(jobs.id, ids)));
  const ofLibrary = await followedVersions(db, projectId, input.jobs);
  return new Map([
    ...rows.map(({ id, ...pin }) => [id, pin] as const),
    ...[...ofLibrary].map(
      ([id, { adaptor, adaptorVersion }]) => [id, { adaptor, version: adaptorVersion }] as const,
    ),
  ]);
}

/**
 * Returns the graph with every adaptor pinned: a job whose adaptor is written as in `pins` keeps its version, others
 * are resolved, each adaptor once. The resolver may ask the network: do this outside a transaction. Throws what it throws.
 */
export async function pinAdaptors(
  input: WorkflowInput,
  resolve: ResolveAdaptor,
  pins: Pins,
): Promise<WorkflowGraph> {
  const versions = new Map<string, string>();
  const pinned: WorkflowGraph["jobs"] = [];
  for (const job of input.jobs) {
    const pin = pins.get(job.id);
    const kept = pin?.adaptor === job.adaptor ? pin.version : undefined;
    const adaptorVersion = kept ?? versions.get(job.adaptor) ?? (await resolveText(job.adaptor, resolve));
    if (!kept) versions.set(job.adaptor, adaptorVersion);
    pinned.push({ ...job, adaptorVersion });
  }
  return { ...input, jobs: pinned };
}

async function resolveText(text: string, resolve: ResolveAdaptor): Promise<string> {
  const { name, spec } = parseAdaptor(text);
  return (await resolve(name, spec)).version;
}
