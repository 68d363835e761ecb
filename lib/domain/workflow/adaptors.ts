import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { adaptors } from "@/db/schema";
import { keepArtefact } from "@/lib/domain/adaptor/artefacts";
import { invalid, Refusal } from "@/lib/refusal";
import type { AdaptorInfo, Runner } from "@/lib/runner/contract";
import { shippedAdaptors } from "@/lib/shipped";
import { newestRelease } from "@/lib/versions";

/** Pins an adaptor: `spec` is a version or a dist-tag. Throws a Refusal with a sentence for the user. */
export type ResolveAdaptor = (name: string, spec: string) => Promise<{ version: string }>;

/**
 * Splits `@openfn/language-http@latest`; without a version it is `latest`, and `v7.2.10` is 7.2.10, as npm reads it. Throws
 * `invalid` for other names.
 */
export function parseAdaptor(text: string): { name: string; spec: string } {
  const [, name, spec] =
    /^(@openfn\/language-[a-z0-9][a-z0-9._-]*)(?:@([a-zA-Z0-9][\w.+-]*))?$/.exec(text.trim()) ?? [];
  if (!name)
    throw invalid(
      `"${text.slice(0, 200)}" is not an adaptor. ${meant(text) ?? "Write it like @openfn/language-http@latest or @openfn/language-http@7.2.10."}`,
    );
  return { name, spec: (spec ?? "latest").replace(/^v(?=\d)/, "") };
}

/** Repositories of all years write adaptors by their short names, too. */
function meant(text: string): string | null {
  const [, short] =
    /^(?:@?openfn\/)?(?:language-)?([a-z0-9][a-z0-9-]{0,60})(?:@.*)?$/i.exec(text.trim()) ?? [];
  return short ? `Did you mean @openfn/language-${short.toLowerCase()}?` : null;
}

/** A runner as far as pinning goes; one that exports artefacts has them stored for others. */
type AdaptorSource = Pick<Runner, "resolveAdaptor"> & Partial<Pick<Runner, "exportArtefact">>;

/** `latest` that was asked for within this is not asked for again; within the longer one it is used while it is asked for. */
const freshMs = 10 * 60_000;
const usableMs = 24 * 3_600_000;

/** Who asks the registry for the latest version of a name in this process. */
const asking = new Map<string, Promise<{ version: string }>>();

/**
 * Returns a resolver that asks the runner and keeps what it says in `adaptors`, and what it built. What `latest` stands for is
 * remembered: as long as it is known for less than a day nobody waits for the registry. When the runner cannot answer, a
 * version that is already known serves; without one it throws `unavailable`.
 */
export function adaptorResolver(db: Db, runner: AdaptorSource | null): ResolveAdaptor {
  return async (name, spec) => {
    if (spec !== "latest") return ask(db, runner, name, spec);
    const known = await knownLatest(db, name);
    if (known && known.ageMs < freshMs) return { version: known.version };
    const asked = asking.get(name) ?? askOnce(db, runner, name).finally(() => asking.delete(name));
    asking.set(name, asked);
    if (!known || known.ageMs >= usableMs) return asked;
    asked.catch(() => {});
    return { version: known.version };
  };
}

/** Looks again first: somebody else may have asked and been answered since the caller looked. */
async function askOnce(db: Db, runner: AdaptorSource | null, name: string) {
  const known = await knownLatest(db, name);
  if (known && known.ageMs < freshMs) return { version: known.version };
  return ask(db, runner, name, "latest");
}

async function ask(db: Db, runner: AdaptorSource | null, name: string, spec: string) {
  try {
    if (!runner) throw new Error("The job runner is not connected.");
    const info = await runner.resolveAdaptor(name, spec);
    await rememberAdaptor(db, info, spec);
    await keepFile(db, runner, info);
    return { version: info.version };
  } catch (error) {
    const version = await knownVersion(db, name, spec);
    if (version) return { version };
    if (error instanceof Refusal) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal("unavailable", `The adaptor ${name}@${spec} could not be looked up: ${reason}`);
  }
}

/** What the registry last said that `latest` is, and how long ago. */
async function knownLatest(db: Db, name: string): Promise<{ version: string; ageMs: number } | undefined> {
  const [row] = await db
    .select({
      version: adaptors.version,
      ageMs: sql<number>`extract(epoch from clock_timestamp() - ${adaptors.latestAt})::float8 * 1000`,
    })
    .from(adaptors)
    .where(and(eq(adaptors.name, name), isNotNull(adaptors.latestAt)))
    .orderBy(desc(adaptors.latestAt))
    .limit(1);
  return row;
}

/** Keeps what the runner said about a version, for when it is away, and that it is the latest where that was asked. */
export async function rememberAdaptor(db: Db, info: AdaptorInfo, spec: string): Promise<void> {
  if (spec !== "latest") {
    await db.insert(adaptors).values(info).onConflictDoNothing();
    return;
  }
  const latestAt = sql`clock_timestamp()`;
  await db
    .insert(adaptors)
    .values({ ...info, latestAt })
    .onConflictDoUpdate({ target: [adaptors.name, adaptors.version], set: { latestAt } });
}

/** Pinning does not fail for it: the first step that runs with the adaptor stores it, too. */
async function keepFile(db: Db, runner: AdaptorSource, info: AdaptorInfo): Promise<void> {
  if (!runner.exportArtefact) return;
  const exportArtefact = runner.exportArtefact.bind(runner);
  await keepArtefact(db, { exportArtefact }, info).catch(() => {});
}

async function knownVersion(db: Db, name: string, spec: string): Promise<string | undefined> {
  const latest = spec === "latest" ? await knownLatest(db, name) : undefined;
  if (latest) return latest.version;
  const rows = await db.select({ version: adaptors.version }).from(adaptors).where(eq(adaptors.name, name));
  // A workflow can be saved without any network.
  const shipped = Object.values(shippedAdaptors).filter((adaptor) => adaptor.name === name);
  const known = [...rows, ...shipped].map((adaptor) => adaptor.version);
  return spec === "latest" ? newestRelease(known) : known.find((version) => version === spec);
}
