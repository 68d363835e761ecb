import os from "node:os";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { residentLimitMb } from "@/lib/runner/limits";
import type { Isolation } from "@/lib/runner/sandbox/isolation";
import type { PidFile } from "@/lib/runner/sandbox/pid-file";
import { FairQueue } from "./fair-queue";
import { WorkerProcess } from "./worker-process";

/** How far a process may be shared: by a project's steps, by one run's, or by none. Never by two projects. */
export type Reuse = "project" | "run" | "never";

export type PoolOptions = {
  isolation: Isolation;
  reuse: Reuse;
  /** Most workers that have an owner, busy or idle. */
  limit: number;
  /** Workers kept booted, without an owner. */
  blanks: number;
  /** Most workers that one project may keep busy. */
  perProject: number;
  /** Heap of blank workers. Steps that ask for another size get a worker of their own. */
  heapMb: number;
  /** How long a step waits for a worker of its owner that is being checked, rather than starting another. */
  checkPatienceMs?: number;
  pidFile?: PidFile;
};

export type Want = {
  projectId: string;
  runId: string;
  /** Null when only conditions are to be decided: any worker of the owner does. */
  artefact: Artefact | null;
  heapMb: number;
  signal?: AbortSignal;
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

type Slot = {
  worker: WorkerProcess;
  owner: string;
  projectId: string;
  artefactHash: string | null;
  /** The artefact it was started for, loaded or about to be. */
  meantFor: string | null;
  steps: number;
  isBusy: boolean;
  /** Between two steps: it has not yet shown that nothing of the last one keeps it busy. */
  isChecking: boolean;
  idleSince: number;
};

type Waiter = { want: Want; since: number; resolve(slot: Slot): void; reject(error: Error): void };

/** A worker in the hands of one step. */
export type Lease = { worker: WorkerProcess; release(isReusable: boolean): void };

const maxSteps = 250;
/**
 * How long a step waits for a worker of its owner before another is started, when there is one for each core; and when
 * there are so many already that another helps only if they wait for the network.
 */
const spawnPatienceMs = 30;
const crowdedPatienceMs = 250;
/** An idle worker that was used within this time is not taken from its owner for one who has others. */
const recentUseMs = 1_000;
const cores = os.availableParallelism();
const maxAgeMs = 5 * 60_000;
const maxIdleMs = 60_000;
const maxResidentShare = 0.6;
/** Long, because a starved machine is no reason to end a healthy worker. */
const pingTimeoutMs = 5_000;
const defaultCheckPatienceMs = 100;
const tidyEveryMs = 5_000;

/** Worker processes: blank ones kept warm, owned ones reused within their owner, recycled before they grow old. */
export class WorkerPool {
  readonly #options: PoolOptions & { checkPatienceMs: number };
  readonly #slots = new Set<Slot>();
  readonly #blanks: WorkerProcess[] = [];
  readonly #queue = new FairQueue<Waiter>();
  readonly #tidy: NodeJS.Timeout;
  #lookAgain: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = { checkPatienceMs: defaultCheckPatienceMs, ...options };
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

  /** Resident memory of every worker, for health and tests. */
  workers(): WorkerProcess[] {
    return [...this.#blanks, ...[...this.#slots].map((slot) => slot.worker)];
  }

  /** Waits for a worker of the owner, loaded with the adaptor. Rejects when the signal aborts or loading fails. */
  async acquire(want: Want): Promise<Lease> {
    const slot = await this.#slotFor(want);
    try {
      await this.#load(slot, want.artefact);
    } catch (error) {
      this.#discard(slot);
      throw error;
    }
    return { worker: slot.worker, release: (isReusable) => this.#release(slot, isReusable) };
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
      const slot = this.#idleFor(waiter.want) ?? this.#newSlot(waiter.want);
      slot.isBusy = true;
      waiter.resolve(slot);
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
    const own = [...this.#slots].filter((slot) => this.#isMeantFor(slot, want)).length;
    const waited = performance.now() - since;
    const patienceMs = this.#slots.size < 3 * cores ? spawnPatienceMs : crowdedPatienceMs;
    if (own >= cores && waited < patienceMs) {
      this.#lookAgain ??= setTimeout(
        () => {
          this.#lookAgain = undefined;
          this.#dispatch();
        },
        patienceMs - waited + 1,
      );
      return false;
    }
    if (this.#slots.size < this.#options.limit) return true;
    const idle = this.#oldestIdle();
    // Owners that take turns must not end each other's workers: starting one costs more than a hundred steps.
    return idle !== null && (own === 0 || performance.now() - idle.idleSince > recentUseMs);
  }

  #idleFor(want: Want): Slot | null {
    for (const slot of this.#slots) {
      if (!slot.isBusy && !slot.isChecking && slot.worker.isAlive && this.#fits(slot, want)) return slot;
    }
    return null;
  }

  #isCheckedFor(want: Want): boolean {
    return [...this.#slots].some((slot) => this.#isJustChecking(slot) && this.#fits(slot, want));
  }

  #isJustChecking(slot: Slot): boolean {
    return slot.isChecking && performance.now() - slot.idleSince < this.#options.checkPatienceMs;
  }

  #fits(slot: Slot, want: Want): boolean {
    if (slot.owner !== this.#ownerOf(want)) return false;
    const { artefact, heapMb } = want;
    return artefact === null || (slot.artefactHash === artefact.hash && slot.worker.heapMb === heapMb);
  }

  #isMeantFor(slot: Slot, want: Want): boolean {
    const isSame = want.artefact === null || slot.meantFor === want.artefact.hash;
    return isSame && slot.owner === this.#ownerOf(want) && slot.worker.heapMb === want.heapMb;
  }

  #oldestIdle(): Slot | null {
    const idle = [...this.#slots].filter((slot) => !slot.isBusy && !this.#isJustChecking(slot));
    return idle.sort((a, b) => a.idleSince - b.idleSince)[0] ?? null;
  }

  #ownerOf({ projectId, runId }: Want): string {
    return this.#options.reuse === "run" ? `${projectId}/${runId}` : projectId;
  }

  #newSlot(want: Want): Slot {
    if (this.#slots.size >= this.#options.limit) {
      const oldest = this.#oldestIdle();
      if (oldest) this.#discard(oldest);
    }
    const slot: Slot = {
      worker: this.#takeBlank(want.heapMb),
      owner: this.#ownerOf(want),
      projectId: want.projectId,
      artefactHash: null,
      meantFor: want.artefact?.hash ?? null,
      steps: 0,
      isBusy: true,
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
    const worker = new WorkerProcess({ ...this.#options.isolation, heapMb });
    const { pid } = worker;
    if (pid !== null) this.#options.pidFile?.add(pid);
    void worker.ended.then(() => {
      if (pid !== null) this.#options.pidFile?.remove(pid);
    });
    return worker;
  }

  #refill(): void {
    while (!this.#isClosed && this.#blanks.length < this.#options.blanks) {
      const worker = this.#spawn(this.#options.heapMb);
      this.#blanks.push(worker);
      void worker.ended.then(() => {
        const index = this.#blanks.indexOf(worker);
        if (index >= 0) this.#blanks.splice(index, 1);
      });
    }
  }

  async #load(slot: Slot, artefact: Artefact | null): Promise<void> {
    await slot.worker.booted;
    if (!artefact || slot.artefactHash === artefact.hash) return;
    const { error } = await slot.worker.load(artefact);
    if (error) throw new AdaptorLoadError(artefact, error.message);
    slot.artefactHash = artefact.hash;
  }

  #release(slot: Slot, isReusable: boolean): void {
    slot.steps += 1;
    slot.isBusy = false;
    slot.idleSince = performance.now();
    const isOver = !isReusable || this.#options.reuse === "never" || this.#isClosed;
    if (isOver || this.#isWornOut(slot)) this.#discard(slot);
    else void this.#check(slot);
  }

  /** A worker that does not answer when it should be idle has something of its last job running. */
  async #check(slot: Slot): Promise<void> {
    slot.isChecking = true;
    const impatience = setTimeout(() => this.#dispatch(), this.#options.checkPatienceMs);
    const answers = await slot.worker.ping(pingTimeoutMs);
    clearTimeout(impatience);
    slot.isChecking = false;
    if (answers) this.#dispatch();
    else this.#discard(slot);
  }

  #isWornOut({ worker, steps }: Slot): boolean {
    const resident = worker.residentMb() ?? 0;
    const isBig = resident > residentLimitMb(worker.heapMb) * maxResidentShare;
    return steps >= maxSteps || performance.now() - worker.startedAt > maxAgeMs || isBig || !worker.isAlive;
  }

  #recycleOld(): void {
    for (const slot of this.#slots) {
      const isStale = performance.now() - slot.idleSince > maxIdleMs;
      if (!slot.isBusy && (isStale || this.#isWornOut(slot))) this.#discard(slot);
    }
    this.#refill();
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
