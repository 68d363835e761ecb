import { log } from "@/lib/log";
import { LruMap } from "@/lib/lru-map";
import type { AdaptorInfo, LogLine, Runner, StepRequest } from "./contract";

type Adaptor = StepRequest["job"]["adaptor"];

/** Where built adaptors are kept for every runner. */
export type ArtefactStore = {
  /** Gives the runner the stored artefact of a version; false when none is stored. */
  provide(runner: Pick<Runner, "importArtefact">, adaptor: Adaptor): Promise<boolean>;
  /** Stores what the runner built, once. */
  keep(runner: Pick<Runner, "exportArtefact">, info: AdaptorInfo): Promise<void>;
};

/**
 * A runner that is given the stored artefact of an adaptor it lacks, once, and whose own builds are stored for others.
 * All else is the runner's.
 */
export function withArtefacts(runner: Runner, store: ArtefactStore): Runner {
  const kept = new LruMap<string, true>(maxRemembered);

  async function provide(adaptor: Adaptor): Promise<boolean> {
    try {
      return await store.provide(runner, adaptor);
    } catch (error) {
      log.warn("A stored adaptor could not be given to the runner", { ...adaptor, error });
      return false;
    }
  }

  /** Looks once a process whether the adaptor is stored; no step waits for it. */
  function keepOnce({ name, version }: Adaptor): void {
    const key = `${name}@${version}`;
    if (kept.get(key)) return;
    kept.set(key, true);
    runner
      .resolveAdaptor(name, version)
      .then((info) => store.keep(runner, info))
      .catch((error: unknown) => {
        kept.delete(key);
        log.warn("An adaptor could not be stored for other runners", { name, version, error });
      });
  }

  return {
    async runStep(request, onLog, signal) {
      const { adaptor, name } = request.job;
      let result = await runner.runStep(request, onLog, signal);
      if (result.lacksAdaptor && (await provide(adaptor)))
        result = await runner.runStep(request, onLog, signal);
      if (!result.lacksAdaptor) keepOnce(adaptor);
      else if (result.error) onLog([lastLine(name, result.error)]);
      return result;
    },
    followStep: (ref, onLog) => runner.followStep(ref, onLog),
    cancelStep: (stepId) => runner.cancelStep(stepId),
    forgetStep: (ref) => runner.forgetStep(ref),
    evaluate: (projectId, input, conditions) => runner.evaluate(projectId, input, conditions),
    resolveAdaptor: (name, version) => runner.resolveAdaptor(name, version),
    listAdaptors: () => runner.listAdaptors(),
    publishedVersions: (name) => runner.publishedVersions(name),
    exportArtefact: (hash) => runner.exportArtefact(hash),
    importArtefact: (hash, bytes) => runner.importArtefact(hash, bytes),
    health: () => runner.health(),
  };
}

/** Beyond this many versions the set is begun anew: looking twice is harmless. */
const maxRemembered = 1_000;

const lastLine = (jobName: string, { type, message }: { type: string; message: string }): LogLine => ({
  seq: 0,
  at: Date.now(),
  level: "error",
  source: "R/T",
  message: `${jobName} aborted: ${type}: ${message}`,
});
