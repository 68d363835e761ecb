import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { shippedAdaptors } from "@/lib/shipped";
import { buildAdaptor, builderVersion } from "./build";
import { writeCaches } from "./caches";
import type { Inspector } from "./inspector";
import { lockedIntegrity } from "./lock";
import { readManifest } from "./metadata";
import { Shelf } from "./shelf";

const builtinAdaptors = Object.values(shippedAdaptors).map((adaptor) => adaptor.name);

/** The folder whose `node_modules` holds the package. */
function installationOf(name: string, from: string): string {
  const main = createRequire(from).resolve(name);
  const place = main.lastIndexOf(path.join("node_modules", name));
  return main.slice(0, place - 1);
}

async function buildBuiltin(
  shelf: Shelf,
  name: string,
  { from, inspector }: BuiltinOptions,
): Promise<boolean> {
  const dir = installationOf(name, from);
  const { version } = await readManifest(path.join(dir, "node_modules", name));
  const pin = await shelf.pin(name, version);
  if (pin?.builder === builderVersion && (await shelf.load(pin.hash).catch(() => null))) return false;
  const lock = await readFile(path.join(dir, "package-lock.json"), "utf8").catch(() => null);
  const integrity = lockedIntegrity(lock, name);
  const info = await shelf.add(
    await buildAdaptor({ dir, name, integrity, overrides: null }),
    builderVersion,
    null,
  );
  if (inspector) await prepareCaches(shelf, info.artefactHash, inspector);
  return true;
}

/** A host without a job runtime can still build; its runner says what is missing when it starts. */
async function prepareCaches(shelf: Shelf, hash: string, inspector: Inspector) {
  const { artefact } = await shelf.load(hash);
  try {
    const { cacheKey, caches } = await inspector.inspect(artefact);
    await writeCaches(shelf.dir, hash, cacheKey, caches);
  } catch (error) {
    console.warn(error instanceof Error ? error.message : String(error));
  }
}

export type BuiltinOptions = {
  /** A file beside or below the node_modules that hold the adaptors. */
  from: string;
  /** Tries them in a worker and makes their code caches; null leaves that to the runner. */
  inspector: Inspector | null;
};

/**
 * Builds the adaptors in our own node_modules into `outDir`, without a network; what is up to date stays.
 * Returns the names that were built. Throws AdaptorInstallError.
 */
export async function buildBuiltins(outDir: string, options: BuiltinOptions): Promise<string[]> {
  const shelf = new Shelf(outDir);
  const built = await Promise.all(builtinAdaptors.map((name) => buildBuiltin(shelf, name, options)));
  return builtinAdaptors.filter((_, index) => built[index]);
}
