import { randomUUID } from "node:crypto";
import os from "node:os";
import process from "node:process";
import { LruMap } from "@/lib/lru-map";
import { EgressPolicy, type Resolver } from "@/lib/net/egress-policy";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { type AdaptorStore, createAdaptorStore } from "@/lib/runner/adaptors/index";
import type { StepLimits } from "@/lib/runner/contract";
import { Journal } from "@/lib/runner/journal/journal";
import { defaultStepLimits, residentLimitMb } from "@/lib/runner/limits";
import { type Reuse, type Want, WorkerPool } from "@/lib/runner/pool/pool";
import { type Isolation, probeIsolation } from "@/lib/runner/sandbox/isolation";
import { PidFile } from "@/lib/runner/sandbox/pid-file";
import { decideConditions } from "@/lib/runner/step/conditions";
import { executeStep, type StepHost } from "@/lib/runner/step/step";
import { StepRegistry } from "@/lib/runner/step/step-registry";
import { denoVersion } from "@/lib/shipped";
import { cacheKey, inspectArtefact } from "./inspect";
import type { RunnerServices } from "./server";

export type RunnerOptions = {
  /** What people know it by; the machine's name when absent. */
  name?: string;
  /** Where adaptors are stored. */
  adaptorDir: string;
  /** Adaptors that came with the product, read only. */
  builtinDir?: string;
  /** Instead of the npm registry that this machine is configured for. */
  registry?: string;
  pidFile?: string;
  /** Where it notes what its steps have sent to whom, for the life that comes after it. */
  journalDir?: string;
  /** Another life has taken this one's place. */
  onReplaced?: () => void;
  reuse?: Reuse;
  egressAllow?: string[];
  egressDeny?: string[];
  limits?: Partial<StepLimits>;
  workers?: number;
  blanks?: number;
  isolation?: Isolation;
  /** Instead of the system's resolver. */
  resolve?: Resolver;
};

export type LocalRunner = RunnerServices & {
  isolation: Isolation;
  pool: WorkerPool;
  store: AdaptorStore;
  /** Why no step could begin now, in words that anybody may read; null when one can. */
  problem(): string | null;
  /** From now on no life before this one lets anything out that has not let out something already. */
  succeed(): void;
  close(): Promise<void>;
};

/**
 * What a message needs whose owner has no worker: one, of 30 MB. The next is on its way as soon as it is given, so that a second credential
 * in the same moment waits for what is left of a start, a tenth of a second.
 */
const usualBlanks = 1;

const mb = 1024 * 1024;
const reservedMb = 1024;

/** Workers wait for the network most of the time, hence several a core; memory sets the bound. */
export function workerLimit(heapMb: number): number {
  const totalMb = Math.min(os.totalmem(), process.constrainedMemory?.() || Number.MAX_SAFE_INTEGER) / mb;
  const byMemory = Math.floor((totalMb - reservedMb) / residentLimitMb(heapMb));
  return Math.max(2, Math.min(os.availableParallelism() * 6, byMemory));
}

/** A runner in this process: pool, adaptors, egress policy and the steps. `serveRunner` puts it on a socket. */
export async function createRunner(options: RunnerOptions): Promise<LocalRunner> {
  const limits: StepLimits = { ...defaultStepLimits, ...options.limits };
  const pidFile = options.pidFile === undefined ? null : new PidFile(options.pidFile);
  pidFile?.reap();
  const isolation = options.isolation ?? (await probeIsolation());
  const limit = options.workers ?? workerLimit(limits.memoryMb);
  const pool = new WorkerPool({
    isolation,
    limit,
    blanks: options.blanks ?? usualBlanks,
    reuse: options.reuse ?? "project",
    perProject: Math.max(1, limit - 1),
    heapMb: limits.memoryMb,
    ...(pidFile ? { pidFile } : {}),
  });
  const store = createAdaptorStore({
    dir: options.adaptorDir,
    builtinDir: options.builtinDir,
    registry: options.registry,
    inspector: {
      inspect: (artefact) => inspectArtefact(artefact, limits.memoryMb),
      cacheKey: cacheKey(limits.memoryMb),
    },
  });
  const policy = new EgressPolicy({
    allow: options.egressAllow ?? [],
    deny: options.egressDeny ?? [],
    ...(options.resolve ? { resolve: options.resolve } : {}),
  });
  const life = randomUUID();
  const journal = new Journal(life, options.journalDir ?? null, options.onReplaced);
  const host: StepHost = { pool, policy, limits, journal, artefact: rememberArtefacts(store) };
  const steps = new StepRegistry((request, emit, signal, asking) =>
    executeStep(host, request, emit, signal, asking),
  );
  return {
    isolation,
    pool,
    store,
    life,
    steps,
    reached: (ref, of) => journal.reached(ref, of),
    succeed: () => journal.succeed(),
    evaluate: (projectId, input, conditions, signal) =>
      evaluate(pool, { projectId, heapMb: limits.memoryMb, signal }, input, conditions),
    resolveAdaptor: (name, version) => store.resolve(name, version),
    listAdaptors: () => store.list(),
    publishedVersions: (name) => store.published(name),
    exportArtefact: (hash) => store.export(hash),
    importArtefact: (hash, bytes) => store.import(bytes, hash),
    health: () => ({
      ...healthOf(isolation, pool),
      life,
      name: options.name ?? os.hostname(),
      capacity: limit,
      running: steps.running,
      isDraining: steps.isDraining,
    }),
    problem: () => (steps.isDraining ? "is being stopped" : pool.problem),
    async close() {
      steps.close();
      await pool.close();
      journal.close();
    },
  };
}

const maxRemembered = 24;

/** Exact versions never change: their artefacts are asked for once. */
function rememberArtefacts(store: AdaptorStore): StepHost["artefact"] {
  const known = new LruMap<string, Promise<Artefact>>(maxRemembered);
  return (name, version) => {
    const key = `${name}@${version}`;
    return known.getOrMake(key, () => {
      const loading = store.get(name, version);
      loading.catch(() => known.delete(key));
      return loading;
    });
  };
}

async function evaluate(
  pool: WorkerPool,
  asked: Pick<Want, "projectId" | "heapMb" | "signal">,
  input: string,
  conditions: Parameters<typeof decideConditions>[1],
): ReturnType<typeof decideConditions> {
  const want = { ...asked, runId: "conditions", credentialId: null, artefact: null };
  return pool.withWorker(want, async ({ worker, beginMs, release }) => {
    try {
      return await decideConditions(worker, conditions, input, beginMs);
    } finally {
      release(worker.isAlive);
    }
  });
}

function healthOf({ plan }: Isolation, pool: WorkerPool) {
  const { waiting, ...workers } = pool.counts;
  return { ok: true, runtime: `deno ${denoVersion}`, isolation: plan.layers, workers, waiting };
}
