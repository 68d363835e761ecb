import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "@/db/client";
import { jobs } from "@/db/schema";
import { followedVersions } from "@/lib/domain/library/follow";
import { Refusal } from "@/lib/refusal";
import type { WorkflowGraph } from "@/lib/workflow/types";
import { parseAdaptor, type ResolveAdaptor } from "./adaptors";
import type { WorkflowInput } from "./schemas";

/** Job id → its adaptor as written and the version it was pinned to; null where it could not be had. */
export type Pins = ReadonlyMap<string, { adaptor: string; version: string | null }>;

/**
 * What becomes of a job whose adaptor cannot be had: it throws, or the job is marked (its version is null) and cannot run.
 * `refusal` says why: `invalid` when there is none of that name or version, `unavailable` when nobody could be asked.
 */
export type OnMissing = (job: { id: string; name: string; adaptor: string }, refusal: Refusal) => void;

const refuse: OnMissing = (_, refusal) => {
  throw refusal;
};

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
 * are resolved, each adaptor once. A job that was marked before and is written as it was may stay so. The resolver may ask the
 * network: do this outside a transaction. Throws what `onMissing` throws.
 */
export async function pinAdaptors(
  input: WorkflowInput,
  resolve: ResolveAdaptor,
  pins: Pins,
  onMissing: OnMissing = refuse,
): Promise<WorkflowGraph> {
  const found = new Map<string, string | Refusal>();
  const pinned: WorkflowGraph["jobs"] = [];
  for (const job of input.jobs) {
    const pin = pins.get(job.id);
    const isAsWritten = pin?.adaptor === job.adaptor;
    if (isAsWritten && pin.version !== null) {
      pinned.push({ ...job, adaptorVersion: pin.version });
      continue;
    }
    const version = found.get(job.adaptor) ?? (await resolveText(job.adaptor, resolve));
    found.set(job.adaptor, version);
    if (typeof version !== "string" && !isAsWritten) onMissing(job, version);
    pinned.push({ ...job, adaptorVersion: typeof version === "string" ? version : null });
  }
  return { ...input, jobs: pinned };
}

/** The version, or why there is none. */
async function resolveText(text: string, resolve: ResolveAdaptor): Promise<string | Refusal> {
  try {
    const { name, spec } = parseAdaptor(text);
    return (await resolve(name, spec)).version;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
