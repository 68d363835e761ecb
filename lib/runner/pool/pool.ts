import os from "node:os";
import { log } from "@/lib/log";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { residentLimitMb, workerCpuSeconds } from "@/lib/runner/limits";
import type { Isolation } from "@/lib/runner/sandbox/isolation";
import type { PidFile } from "@/lib/runner/sandbox/pid-file";
import { FairQueue } from "./fair-queue";
import { NotBegunError, neverBooted, reasonOfEnd, WorkerEndedError } from "./worker-end";
import { WorkerProcess } from "./worker-process";

/**
 * How far a process may be shared: by a project's steps, by one run's, or by none. Never by two projects, and never by
 * steps of different credentials or by one that has none and one that has: a job owns its process, and what it leaves
 * there would read the next one's secret.
 */
export type Reuse = "project" | "run" | "never";

export type PoolOptions = {
  isolation: Isolation;
  reuse: Reuse;
  /** Most workers that have an owner, busy or idle. */
  limit: number;
  /** Workers kept booted, without an owner. */
  blanks: number;
  /** Most workers that one project may have, busy and idle together. */
  perProject: number;
  /** Heap of blank workers. Steps that ask for another size get a worker of their own. */
  heapMb: number;
  /** How long a step waits for a worker of its owner that is being checked, rather than starting another. */
  checkPatienceMs?: number;
  /** How long one waits while another worker would only take turns with those at work. */
  computingPatienceMs?: number;
  wear?: Partial<Wear>;
  pidFile?: PidFile;
};

/** What a worker is ended at that is otherwise healthy: belts, for it is ended for what it has become long before. */
export type Wear = {
  steps: number;
  ageMs: number;
  /** Processor time. */
  cpuMs: number;
};

const usualWear: Wear = {
  steps: 10_000,
  ageMs: 3_600_000,
  // Of what a process may have, the rest is for one more step.
  cpuMs: (workerCpuSeconds * 1_000) / 2,
};

export type Want = {
  projectId: string;
  runId: string;
  /** What names the credential among the project's, never anything of its secret. Null for a step without one. */
  credentialId: string | null;
  /** The worker serves this step and no other, before or after it. */
  isAlone?: boolean;
  /** Null when only conditions are to be decided: any worker of the owner does. */
  artefact: Artefact | null;
  /** Besides: loaded into whichever worker the step gets. */
  extra?: Artefact | null;
  heapMb: number;
  signal?: AbortSignal;
  /** No worker that has served before: one did not begin what it was asked for. */
  isFresh?: boolean;
};

/** An adaptor that the worker could not load. */
export class AdaptorLoadError extends Error {
  constructor(artefact: Artefact, reason: string) {
    super(`${artefact.name}@${artefact.version} does not load: ${reason}`);
    this.name = "AdaptorLoadError";
  }
}

/** The runner is being stopped; nothing new begins. */
export class StoppingError extends Error {
  constructor() {
    super("The runner stopped before the step began");
    this.name = "StoppingError";
  }
}

/** No worker could be started, or none that answers. Nothing has begun. */
export class NoWorkerError extends Error {
  constructor(reason: string) {
    super(`No job worker could be started: ${reason}`);
    this.name = "NoWorkerError";
  }
}

type Slot = {
  worker: WorkerProcess;
  /** Whose step it was started for, and who may have it next. */
  projectId: string;
  runId: string;
  credentialId: string | null;
  isAlone: boolean;
  artefactHash: string | null;
  /** What it was given besides. */
  extras: Set<string>;
  /** The artefact it was started for, loaded or about to be. */
  meantFor: string | null;
  steps: number;
  /** Processor time that it had taken by the end of its last step. */
  cpuMs: number;
  isBusy: boolean;
  /** Its process or its adaptor is on the way: of that, nothing waits for a network. */
  isLoading: boolean;
  /** When its owner got it. */
  since: number;
  /** When it was last given to somebody. */
  busySince: number;
  /** Whether its step has a connection. */
  isConnected: () => boolean;
  /** Between two steps: it has not yet shown that nothing of the last one keeps it busy. */
  isChecking: boolean;
  idleSince: number;
};

type Usage = NonNullable<ReturnType<WorkerProcess["usage"]>>;

/** Where there is no /proc. */
const unknownUsage: Usage = { residentMb: 0, cpuMs: 0 };

const never = (): boolean => false;

/** It may end at any moment, or needs a core; else it waits, for a network or a timer. */
function isAtWork({ worker, isBusy, isLoading, isChecking, busySince, isConnected }: Slot): boolean {
  if (isLoading) return true;
  if (!isBusy) return isChecking && worker.isComputing();
  const soonMs = isConnected() ? spawnPatienceMs : crowdedPatienceMs;
  return performance.now() - busySince < soonMs || worker.isComputing();
}

/** Whether either could have served the other's steps. */
const isAlike = (one: Slot, other: Slot): boolean =>
  one.projectId === other.projectId &&
  one.credentialId === other.credentialId &&
  one.artefactHash === other.artefactHash;

type Waiter = { want: Want; since: number; resolve(slot: Slot): void; reject(error: Error): void };

/** A worker in the hands of one step. */
export type Lease = {
  worker: WorkerProcess;
  /** How long it may take to say that it begins, milliseconds. */
  beginMs: number;
  /** Tells the pool by what to know that the step may be waiting for the network. */
  watch(isConnected: () => boolean): void;
  release(isReusable: boolean): void;
};

/** How many workers are tried for one step before it is given back as not begun. */
const maxTries = 3;

/**
 * How long a step waits for a worker of its owner before another is started, when there is one for each core; and when
 * there are so many already that another helps only if they wait for the network.
 */
const spawnPatienceMs = 30;
const crowdedPatienceMs = 250;
/**
 * How long it waits while those that there are keep the cores busy, since the last one was started, too: another would
 * only take turns with them.
 */
const defaultComputingPatienceMs = 1_000;
/** An idle worker that was used within this time is not taken from its owner for one who has others. */
const recentUseMs = 1_000;
const cores = os.availableParallelism();
const maxIdleMs = 60_000;
/** What a burst of an owner's steps needed beyond the one that a single message needs goes sooner. */
const maxSpareIdleMs = 2_000;
const maxResidentShare = 0.6;
/** What loading in advance takes is far less: a worker that takes more between two steps has something left running. */
const maxIdleCpuMs = 1_000;
/** Long, because a starved machine is no reason to end a healthy worker. */
const restMs = 5_000;
/** Until work is begun: a worker that has served before is ready, a new one may still be loading modules. */
const beginMs = { used: 5_000, fresh: 20_000 };
const defaultCheckPatienceMs = 100;
const tidyEveryMs = 2_000;
/** One may die of anything; several in a row say that the next will, too. */
const maxFailedBoots = 3;

/**
 * Worker processes: blank ones kept warm, owned ones reused within their owner, recycled before they grow old. However
 * many owners (credentials, runs) a project has, its workers are bounded together.
 */
export class WorkerPool {
  readonly #options: PoolOptions & { checkPatienceMs: number; computingPatienceMs: number };
  readonly #wear: Wear;
  readonly #slots = new Set<Slot>();
  readonly #blanks: WorkerProcess[] = [];
  readonly #queue = new FairQueue<Waiter>();
  readonly #tidy: NodeJS.Timeout;
  #lookAgain: NodeJS.Timeout | undefined;
  #lookAgainAt = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Workers in a row that ended by themselves before they had booted. */
  #failedBoots = 0;

  constructor(options: PoolOptions) {
    this.#options = {
      checkPatienceMs: defaultCheckPatienceMs,
      computingPatienceMs: defaultComputingPatienceMs,
      ...options,
    };
    this.#wear = { ...usualWear, ...options.wear };
    this.#tidy = setInterval(() => this.#recycleOld(), tidyEveryMs);
    this.#tidy.unref();
    this.#refill();
  }

  get counts(): { blank: number; idle: number; busy: number; limit: number; waiting: number } {
    const busy = [...this.#slots].filter((slot) => slot.isBusy).length;
    const { limit } = this.#options;
    return {
      blank: this.#blanks.length,
      idle: this.#slots.size - busy,
      busy,
      limit,
      waiting: this.#queue.size,
    };
  }

  /** Why no step could begin now, in words that anybody may read; null when one can. */
  get problem(): string | null {
    if (this.#isClosed) return "is being stopped";
    return this.#failedBoots < maxFailedBoots ? null : "no worker can be started";
  }

  /** Resident memory of every worker, for health and tests. */
  workers(): WorkerProcess[] {
    return [...this.#blanks, ...[...this.#slots].map((slot) => slot.worker)];
  }

  /**
   * Waits for a worker of the owner, loaded with the adaptor; another one is tried when that ends meanwhile. Throws
   * AdaptorLoadError, NoWorkerError, StoppingError, WorkerEndedError when there is not enough memory for the adaptor, and
   * an Error when the signal aborts.
   */
  async acquire(want: Want): Promise<Lease> {
    let reason = "";
    for (let tried = 1; tried <= maxTries; tried += 1) {
      const slot = await this.#slotFor(tried === 1 ? want : { ...want, isFresh: true });
      const cancel = () => slot.worker.kill({ type: "CancelledError", message: "The run was cancelled" });
      want.signal?.addEventListener("abort", cancel);
      try {
        slot.isLoading = true;
        await this.#load(slot, want);
        slot.isLoading = false;
        // Its step is on the way to it.
        slot.busySince = performance.now();
        const patience = slot.steps === 0 ? beginMs.fresh : beginMs.used;
        return {
          worker: slot.worker,
          beginMs: patience,
          watch: (isConnected) => {
            slot.isConnected = isConnected;
          },
          release: (isReusable) => this.#release(slot, isReusable),
        };
      } catch (error) {
        this.#discard(slot);
        if (!(error instanceof WorkerEndedError) || error.end.kind === "out-of-memory") throw error;
        if (want.signal?.aborted) throw error;
        if (this.#isClosed) throw new StoppingError();
        reason = reasonOfEnd(error.end);
      } finally {
        want.signal?.removeEventListener("abort", cancel);
      }
    }
    throw new NoWorkerError(reason);
  }

  /**
   * Does `work` on a worker of the owner, which it releases. When that did not begin (NotBegunError), it was kept by
   * nothing of this work, which is given to another. Throws what `acquire` and `work` throw.
   */
  async withWorker<T>(want: Want, work: (lease: Lease) => Promise<T>): Promise<T> {
    let reason = "";
    for (let tried = 1; tried <= maxTries; tried += 1) {
      const lease = await this.acquire({ ...want, isFresh: tried > 1 });
      try {
        return await work(lease);
      } catch (error) {
        if (!(error instanceof NotBegunError) || want.signal?.aborted) throw error;
        reason = reasonOfEnd(error.end);
        log.warn("A job worker did not begin what it was given; another is tried", {
          run: want.runId,
          reason,
        });
      }
    }
    throw new NoWorkerError(reason);
  }

  /** Ends every worker; whoever waits is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#tidy);
    clearTimeout(this.#lookAgain);
    for (let waiter = this.#queue.take(() => true); waiter; waiter = this.#queue.take(() => true)) {
      waiter.reject(new StoppingError());
    }
    const workers = this.workers();
    for (const worker of workers)
      worker.kill({ type: "Lost", message: "The runner stopped while the step ran" });
    await Promise.all(workers.map((worker) => worker.ended));
  }

  #slotFor(want: Want): Promise<Slot> {
    if (this.#isClosed) return Promise.reject(new StoppingError());
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.remove(want.projectId, waiter);
        reject(new Error("The step was cancelled"));
      };
      const settled =
        <T>(act: (value: T) => void) =>
        (value: T) => {
          want.signal?.removeEventListener("abort", onAbort);
          act(value);
        };
      const since = performance.now();
      const waiter: Waiter = { want, since, resolve: settled(resolve), reject: settled(reject) };
      if (want.signal?.aborted) return onAbort();
      want.signal?.addEventListener("abort", onAbort);
      this.#queue.push(want.projectId, waiter);
      this.#dispatch();
    });
  }

  /** Serves waiters in fair order for as long as there is a worker, or room for one. */
  #dispatch(): void {
    for (;;) {
      const waiter = this.#queue.take(
        (waiting, projectId) => this.#mayHaveMore(projectId) && this.#hasRoom(waiting),
      );
      if (!waiter) return;
      try {
        const slot = this.#idleFor(waiter.want) ?? this.#newSlot(waiter.want);
        slot.isBusy = true;
        slot.busySince = performance.now();
        waiter.resolve(slot);
      } catch (error) {
        waiter.reject(new NoWorkerError(error instanceof Error ? error.message : String(error)));
      }
    }
  }

  #mayHaveMore(projectId: string): boolean {
    const busy = [...this.#slots].filter((slot) => slot.isBusy && slot.projectId === projectId).length;
    return busy < this.#options.perProject;
  }

  /**
   * An idle worker, or room for another. One that is about to be free is worth the moment: loading another costs more
   * than many a step takes, and on a busy machine it takes that from the steps that run.
   */
  #hasRoom({ want, since }: Waiter): boolean {
    if (this.#idleFor(want) !== null) return true;
    if (this.#isCheckedFor(want)) return false;
    const owned = [...this.#slots].filter((slot) => this.#isMeantFor(slot, want));
    const own = owned.length;
    const waited = performance.now() - since;
    const patienceMs = this.#slots.size < 3 * cores ? spawnPatienceMs : crowdedPatienceMs;
    if (own >= cores && waited < patienceMs) return this.#lookAgainIn(patienceMs - waited);
    const sinceLast = Math.min(waited, ...owned.map((slot) => performance.now() - slot.since));
    if (sinceLast < this.#options.computingPatienceMs && this.#wouldTakeTurns(owned))
      return this.#lookAgainIn(patienceMs);
    if (!this.#isFullFor(want)) return true;
    const spare = this.#spareFor(want);
    if (!spare) return false;
    // Owners that take turns must not end each other's workers: starting one costs more than a hundred steps.
    const restedMs = performance.now() - spare.idleSince;
    return own === 0 || restedMs > recentUseMs || this.#lookAgainIn(recentUseMs - restedMs);
  }

  /**
   * Whether another worker beside these of an owner would only take turns with those at work: all of the owner's are, and
   * whoever's, they are one for each core. An owner without one gets one, and so does one that waits for a network.
   */
  #wouldTakeTurns(owned: Slot[]): boolean {
    const ownAtWork = owned.filter(isAtWork).length;
    if (ownAtWork >= cores) return true;
    if (ownAtWork === 0 || ownAtWork < owned.length) return false;
    let atWork = 0;
    for (const slot of this.#slots) {
      if (isAtWork(slot)) atWork += 1;
      if (atWork >= cores) return true;
    }
    return false;
  }

  /** There is no room now; time alone may make some. */
  #lookAgainIn(ms: number): false {
    const at = performance.now() + ms + 1;
    if (at >= this.#lookAgainAt) return false;
    clearTimeout(this.#lookAgain);
    this.#lookAgainAt = at;
    this.#lookAgain = setTimeout(() => {
      this.#lookAgainAt = Number.POSITIVE_INFINITY;
      this.#dispatch();
    }, ms + 1);
    return false;
  }

  #idleFor(want: Want): Slot | null {
    if (want.isFresh) return null;
    for (const slot of this.#slots) {
      if (!slot.isBusy && !slot.isChecking && slot.worker.isAlive && this.#fits(slot, want)) return slot;
    }
    return null;
  }

  #isCheckedFor(want: Want): boolean {
    if (want.isFresh) return false;
    return [...this.#slots].some((slot) => this.#isJustChecking(slot) && this.#fits(slot, want));
  }

  #isJustChecking(slot: Slot): boolean {
    return slot.isChecking && performance.now() - slot.idleSince < this.#options.checkPatienceMs;
  }

  #fits(slot: Slot, want: Want): boolean {
    if (!this.#isOwnedBy(slot, want)) return false;
    const { artefact, heapMb } = want;
    return artefact === null || (slot.artefactHash === artefact.hash && slot.worker.heapMb === heapMb);
  }

  #isMeantFor(slot: Slot, want: Want): boolean {
    const isSame = want.artefact === null || slot.meantFor === want.artefact.hash;
    return isSame && this.#isOwnedBy(slot, want) && slot.worker.heapMb === want.heapMb;
  }

  #isOwnedBy(slot: Slot, want: Want): boolean {
    if (slot.isAlone || want.isAlone) return false;
    if (slot.projectId !== want.projectId || slot.credentialId !== want.credentialId) return false;
    return this.#options.reuse !== "run" || slot.runId === want.runId;
  }

  /** How many workers each project has, busy and idle. */
  #held(): Map<string, number> {
    const held = new Map<string, number>();
    for (const { projectId } of this.#slots) held.set(projectId, (held.get(projectId) ?? 0) + 1);
    return held;
  }

  /** One more worker would be one too many: for the machine, or for the project. */
  #isFullFor({ projectId }: Want): boolean {
    const { limit, perProject } = this.#options;
    return this.#slots.size >= limit || (this.#held().get(projectId) ?? 0) >= perProject;
  }

  /**
   * The idle worker that makes room: the longest unused one of whoever has most, so that a project with many
   * credentials ends its own rather than the only one of another. A project at its bound gives up its own.
   */
  #spareFor({ projectId }: Want): Slot | null {
    const held = this.#held();
    const heldBy = (slot: Slot): number => held.get(slot.projectId) ?? 0;
    const isAtBound = (held.get(projectId) ?? 0) >= this.#options.perProject;
    const idle = [...this.#slots].filter((slot) => !slot.isBusy && !this.#isJustChecking(slot));
    const spare = isAtBound ? idle.filter((slot) => slot.projectId === projectId) : idle;
    return spare.sort((a, b) => heldBy(b) - heldBy(a) || a.idleSince - b.idleSince)[0] ?? null;
  }

  #newSlot(want: Want): Slot {
    const spare = this.#isFullFor(want) ? this.#spareFor(want) : null;
    if (spare) this.#discard(spare);
    const slot: Slot = {
      worker: this.#takeBlank(want.heapMb),
      projectId: want.projectId,
      runId: want.runId,
      credentialId: want.credentialId,
      isAlone: want.isAlone === true,
      artefactHash: null,
      extras: new Set(),
      meantFor: want.artefact?.hash ?? null,
      steps: 0,
      cpuMs: 0,
      isBusy: true,
      isLoading: true,
      since: performance.now(),
      busySince: 0,
      isConnected: never,
      isChecking: false,
      idleSince: 0,
    };
    this.#slots.add(slot);
    void slot.worker.ended.then(() => this.#forget(slot));
    return slot;
  }

  #takeBlank(heapMb: number): WorkerProcess {
    const index = this.#blanks.findIndex((worker) => worker.isAlive && worker.heapMb === heapMb);
    const [blank] = index < 0 ? [] : this.#blanks.splice(index, 1);
    setImmediate(() => this.#refill());
    return blank ?? this.#spawn(heapMb);
  }

  #spawn(heapMb: number): WorkerProcess {
    // Also when it throws, as on a machine without a place for another process.
    this.#failedBoots += 1;
    const worker = new WorkerProcess({ ...this.#options.isolation, heapMb });
    this.#failedBoots -= 1;
    const { pid } = worker;
    if (pid !== null) this.#options.pidFile?.add(pid);
    let isBooted = false;
    worker.booted.then(
      () => {
        isBooted = true;
        this.#failedBoots = 0;
      },
      () => {},
    );
    void worker.ended.then((end) => {
      if (pid !== null) this.#options.pidFile?.remove(pid);
      const isOurDoing = end.kind === "killed" && end.cause !== neverBooted;
      if (!isBooted && !isOurDoing) this.#failedBoots += 1;
    });
    return worker;
  }

  #refill(): void {
    while (!this.#isClosed && this.#blanks.length < this.#options.blanks) {
      const worker = this.#spawnBlank();
      if (!worker) return;
      this.#blanks.push(worker);
      void worker.ended.then(() => {
        const index = this.#blanks.indexOf(worker);
        if (index >= 0) this.#blanks.splice(index, 1);
      });
    }
  }

  /** Null when this machine starts no process now; tried again before long. */
  #spawnBlank(): WorkerProcess | null {
    try {
      return this.#spawn(this.#options.heapMb);
    } catch (error) {
      log.warn("No job worker could be started in advance", { error });
      return null;
    }
  }

  async #load(slot: Slot, { artefact, extra = null }: Want): Promise<void> {
    await slot.worker.booted;
    if (artefact && slot.artefactHash !== artefact.hash) {
      const { error } = await slot.worker.load(artefact);
      if (error) throw new AdaptorLoadError(artefact, error.message);
      slot.artefactHash = artefact.hash;
    }
    if (!extra || slot.extras.has(extra.hash)) return;
    const { error } = await slot.worker.loadExtra(extra);
    if (error) throw new AdaptorLoadError(extra, error.message);
    slot.extras.add(extra.hash);
  }

  #release(slot: Slot, isReusable: boolean): void {
    slot.steps += 1;
    slot.isBusy = false;
    slot.isConnected = never;
    slot.idleSince = performance.now();
    const isOver = !isReusable || slot.isAlone || this.#options.reuse === "never" || this.#isClosed;
    const used = slot.worker.usage() ?? unknownUsage;
    slot.cpuMs = used.cpuMs;
    if (isOver || this.#isWornOut(slot, used)) this.#discard(slot);
    else void this.#check(slot);
  }

  /** A worker that does not answer when it should be idle has something of its last job running. */
  async #check(slot: Slot): Promise<void> {
    slot.isChecking = true;
    const impatience = setTimeout(() => this.#dispatch(), this.#options.checkPatienceMs);
    const answers = await slot.worker.rested(restMs);
    clearTimeout(impatience);
    slot.isChecking = false;
    if (answers) this.#dispatch();
    else this.#discard(slot);
  }

  /** Healthy workers live on: a new one costs as much as a hundred steps. What makes them unhealthy is looked at here. */
  #isWornOut({ worker, steps }: Slot, { residentMb, cpuMs }: Usage): boolean {
    const wear = this.#wear;
    const isBig = residentMb > residentLimitMb(worker.heapMb) * maxResidentShare;
    const isOld = steps >= wear.steps || performance.now() - worker.startedAt > wear.ageMs;
    return isBig || isOld || cpuMs > wear.cpuMs || !worker.isAlive;
  }

  #recycleOld(): void {
    const idle = [...this.#slots].filter((slot) => !slot.isBusy);
    for (const slot of idle) {
      const used = slot.worker.usage() ?? unknownUsage;
      const hasLeftovers = used.cpuMs - slot.cpuMs > maxIdleCpuMs;
      if (hasLeftovers || this.#isStale(slot, idle) || this.#isWornOut(slot, used)) this.#discard(slot);
    }
    this.#refill();
  }

  #isStale(slot: Slot, idle: Slot[]): boolean {
    const idleMs = performance.now() - slot.idleSince;
    if (idleMs <= maxSpareIdleMs) return false;
    const fresher = idle.filter((other) => isAlike(other, slot) && other.idleSince > slot.idleSince);
    return idleMs > maxIdleMs || fresher.length > 0;
  }

  #discard(slot: Slot): void {
    this.#slots.delete(slot);
    slot.worker.kill({ type: "Lost", message: "The worker was retired" });
    setImmediate(() => this.#dispatch());
  }

  #forget(slot: Slot): void {
    if (this.#slots.delete(slot)) this.#dispatch();
  }
}
