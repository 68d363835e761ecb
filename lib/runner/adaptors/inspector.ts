import { cacheKey, inspectArtefact } from "@/lib/runner/host/inspect";
import type { Artefact, ArtefactInspection } from "./artefact";

/** Loads an artefact in a clean worker; `cacheKey` names the runtime for which its code caches hold. */
export type Inspector = { inspect(artefact: Artefact): Promise<ArtefactInspection>; cacheKey: string };

/** The heap of the workers that most steps run in: code caches hold for one heap size. */
const workerHeapMb = 128;

/** Our own workers. Started only when something is installed or loaded. */
export const workerInspector: Inspector = {
  cacheKey: cacheKey(workerHeapMb),
  inspect: (artefact) => inspectArtefact(artefact, workerHeapMb),
};
