import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { adaptors } from "@/db/schema";
import type { AdaptorInfo, Runner } from "@/lib/runner/contract";
import { compareVersions } from "@/lib/versions";

/** The runner as far as adaptors go; null when this process has none. */
export type AdaptorRunner = Pick<Runner, "resolveAdaptor" | "listAdaptors"> | null;

/** A built version. */
export type KnownAdaptor = Pick<
  AdaptorInfo,
  "name" | "version" | "integrity" | "exports" | "operations" | "credentialSchema" | "overrides"
>;

const storedOperations = z
  .array(
    z.object({
      name: z.string(),
      description: z.string(),
      params: z.array(z.object({ name: z.string(), description: z.string() })),
      examples: z.array(z.object({ caption: z.string(), code: z.string() })).default([]),
    }),
  )
  .catch([]);

/** Versions that the runner has built or that were recorded when one was pinned, by name, newest first. */
export async function knownAdaptors(db: Db, runner: AdaptorRunner, name?: string): Promise<KnownAdaptor[]> {
  const [stored, built] = await Promise.all([recorded(db, name), builtByRunner(runner)]);
  const known = new Map<string, KnownAdaptor>();
  for (const one of [...stored, ...built])
    if (name === undefined || one.name === name) known.set(`${one.name}@${one.version}`, one);
  return [...known.values()].sort(
    (a, b) => a.name.localeCompare(b.name) || compareVersions(b.version, a.version),
  );
}

async function recorded(db: Db, wanted: string | undefined): Promise<KnownAdaptor[]> {
  const { name, version, integrity, exports, operations, credentialSchema, overrides } = adaptors;
  const rows = await db
    .select({ name, version, integrity, exports, operations, credentialSchema, overrides })
    .from(adaptors)
    .where(wanted === undefined ? undefined : eq(name, wanted));
  return rows.map((row) => ({ ...row, operations: storedOperations.parse(row.operations) }));
}

/** What is recorded has to do while the runner is away. */
const builtByRunner = async (runner: AdaptorRunner): Promise<KnownAdaptor[]> =>
  runner ? runner.listAdaptors().catch(() => []) : [];
