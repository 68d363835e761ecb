import { eq } from "drizzle-orm";
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

/**
 * Returns a resolver that asks the runner and keeps what it says in `adaptors`, and what it built. When the runner cannot answer, a
 * version that is already known serves; without one it throws `unavailable`.
 */
export function adaptorResolver(db: Db, runner: AdaptorSource | null): ResolveAdaptor {
  return async (name, spec) => {
    try {
      if (!runner) throw new Error("The job runner is not connected.");
      const info = await runner.resolveAdaptor(name, spec);
      await rememberAdaptor(db, info);
      await keepFile(db, runner, info);
      return { version: info.version };
    } catch (error) {
      const version = await knownVersion(db, name, spec);
      if (version) return { version };
      if (error instanceof Refusal) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Refusal("unavailable", `The adaptor ${name}@${spec} could not be looked up: ${reason}`);
    }
  };
}

/** Keeps what the runner said about a version, for when it is away. */
export async function rememberAdaptor(db: Db, info: AdaptorInfo): Promise<void> {
  await db.insert(adaptors).values(info).onConflictDoNothing();
}

/** Pinning does not fail for it: the first step that runs with the adaptor stores it, too. */
async function keepFile(db: Db, runner: AdaptorSource, info: AdaptorInfo): Promise<void> {
  if (!runner.exportArtefact) return;
  const exportArtefact = runner.exportArtefact.bind(runner);
  await keepArtefact(db, { exportArtefact }, info).catch(() => {});
}

async function knownVersion(db: Db, name: string, spec: string): Promise<string | undefined> {
  const rows = await db.select({ version: adaptors.version }).from(adaptors).where(eq(adaptors.name, name));
  // A workflow can be saved without any network.
  const shipped = Object.values(shippedAdaptors).filter((adaptor) => adaptor.name === name);
  const known = [...rows, ...shipped].map((adaptor) => adaptor.version);
  return spec === "latest" ? newestRelease(known) : known.find((version) => version === spec);
}
