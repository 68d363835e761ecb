import { stopIfHungUp } from "@/db/deadline";
import { parseAdaptor, type ResolveAdaptor } from "@/lib/domain/workflow/adaptors";
import { conflict, Refusal } from "@/lib/refusal";

/** What adaptors are pinned to, by how they are written; or why there is none. */
export type AdaptorVersions = ReadonlyMap<string, string | Refusal>;

/** Adaptors have to be looked up first, which asks the network: not in a transaction. */
export class Unpinned extends Error {
  constructor(readonly adaptors: ReadonlySet<string>) {
    super("Adaptors are to be looked up.");
    this.name = "Unpinned";
  }
}

const maxAttempts = 4;

/**
 * Does `work`, again after the adaptors that it asks for (`Unpinned`) are looked up, each once. So nobody is asked where
 * every job keeps its adaptor. Throws `unavailable` when one cannot be asked for.
 */
export async function withVersions<T>(
  resolve: ResolveAdaptor,
  work: (versions: AdaptorVersions) => Promise<T>,
): Promise<T> {
  const versions = new Map<string, string | Refusal>();
  for (let n = 0; n < maxAttempts; n++) {
    try {
      return await work(versions);
    } catch (error) {
      if (!(error instanceof Unpinned)) throw error;
      for (const adaptor of error.adaptors) versions.set(adaptor, await versionOf(adaptor, resolve));
    }
  }
  throw conflict("The project is being changed all the time. Deploy again.");
}

async function versionOf(adaptor: string, resolve: ResolveAdaptor): Promise<string | Refusal> {
  stopIfHungUp();
  try {
    const { name, spec } = parseAdaptor(adaptor);
    return (await resolve(name, spec)).version;
  } catch (error) {
    if (error instanceof Refusal && error.code === "invalid") return error;
    throw error;
  }
}
