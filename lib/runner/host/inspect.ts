import { Buffer } from "node:buffer";
import type { Artefact, ArtefactInspection } from "@/lib/runner/adaptors/artefact";
import { WorkerProcess } from "@/lib/runner/pool/worker-process";
import { type Isolation, probeIsolation } from "@/lib/runner/sandbox/isolation";
import { denoVersion } from "@/lib/shipped";

const loadTimeoutMs = 60_000;
/** Caches hold for one runtime, one heap size: those of the workers that most steps run in. */
const defaultHeapMb = 128;

let isolation: Promise<Isolation> | undefined;

/**
 * Loads an adaptor in a clean worker that never runs a job: proves that it loads, lists what it exports and makes the
 * code caches of its chunks. Throws a sentence when it does not load.
 */
export async function inspectArtefact(
  artefact: Artefact,
  heapMb = defaultHeapMb,
): Promise<ArtefactInspection> {
  isolation ??= probeIsolation();
  const worker = new WorkerProcess({ ...(await isolation), heapMb });
  const timer = setTimeout(
    () => worker.kill({ type: "TimeoutError", message: "it took too long" }),
    loadTimeoutMs,
  );
  try {
    const answer = await worker.load(artefact, true);
    if (answer.error) throw new Error(`${answer.error.name}: ${answer.error.message}`);
    const caches = Object.entries(answer.caches ?? {}).map(
      ([key, text]) => [key, Buffer.from(text, "base64")] as const,
    );
    return { exports: answer.exports ?? [], caches: Object.fromEntries(caches), cacheKey: cacheKey(heapMb) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${artefact.name}@${artefact.version} does not load in a job worker: ${reason}`);
  } finally {
    clearTimeout(timer);
    worker.kill({ type: "Lost", message: "The inspection is over" });
  }
}

/** Caches made under another key are useless; V8 refuses them by itself, this only saves sending them. */
export const cacheKey = (heapMb: number): string => `deno-${denoVersion}-${process.arch}-${heapMb}`;
