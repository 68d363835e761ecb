import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { log } from "@/lib/log";
import type { Announce } from "@/lib/queue/announce";
import { announceRuns } from "@/lib/queue/queue";
import type { ExecutionStorage } from "./storage";

const usualBeatMs = 2_000;
const beatsALook = 3;
/** Between two steps a run is in nobody's hands for a moment: longer than that, the function has stopped for good. */
const betweenStepsMs = 10_000;
/** Whoever could not beat for a while knows nothing of others. */
const usualSteadyMs = 15_000;

type Options = {
  storage: Pick<ExecutionStorage, "beat" | "leave" | "executedRuns" | "handBack">;
  announce: Announce;
  /** 0: no timer; whoever made it calls `beat` and `look`. */
  beatMs?: number;
  steadyMs?: number;
};

/**
 * A process that executes runs: its id, its heartbeat, and what it has in hand. A durable function can stop anywhere
 * without a word, so that what counts is whether anything is done for a run, not whether it was begun.
 */
export class Executor {
  readonly id = randomUUID();
  readonly #options: Options;
  readonly #busy = new Map<string, number>();
  readonly #left = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #steadySince = Number.POSITIVE_INFINITY;
  #ready: Promise<void> | undefined;
  #isReady = false;
  readonly #claims = new Set<Promise<unknown>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Resolves once others can see it. Throws when that cannot be stored. */
  ready(): Promise<void> {
    this.#ready ??= this.beat().then(
      () => {
        this.#isReady = true;
        const { beatMs = usualBeatMs } = this.#options;
        if (beatMs === 0) return;
        this.#timer = setInterval(() => void this.#tick(), beatMs);
        this.#timer.unref();
      },
      (error: unknown) => {
        this.#ready = undefined;
        throw error;
      },
    );
    return this.#ready;
  }

  /** Others can see it. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Waits for an answer by which runs become its own: until it is there, they are not in hand. */
  async expect<T>(claim: Promise<T>): Promise<T> {
    this.#claims.add(claim);
    try {
      return await claim;
    } finally {
      this.#claims.delete(claim);
    }
  }

  /** It is no more. What it still had is handed back by the next who looks. */
  async leave(): Promise<void> {
    this.#isReady = false;
    clearInterval(this.#timer);
    if (this.#ready) await this.#options.storage.leave(this.id);
  }

  /** Whether its own heartbeat went through for long enough to judge others by theirs. */
  get isSteady(): boolean {
    return performance.now() - this.#steadySince >= (this.#options.steadyMs ?? usualSteadyMs);
  }

  /** Does something for a run, which is in hand meanwhile. */
  async during<T>(runId: string, work: () => Promise<T>): Promise<T> {
    this.#busy.set(runId, (this.#busy.get(runId) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const others = (this.#busy.get(runId) ?? 1) - 1;
      if (others > 0) this.#busy.set(runId, others);
      else this.#busy.delete(runId);
      this.#left.set(runId, performance.now());
    }
  }

  /** It will do nothing more for a run. */
  drop(runId: string): void {
    this.#left.delete(runId);
  }

  /** How many runs something is being done for at the moment. */
  get busy(): number {
    return this.#busy.size;
  }

  hasInHand(runId: string): boolean {
    return this.#busy.has(runId) || performance.now() - (this.#left.get(runId) ?? -Infinity) < betweenStepsMs;
  }

  async beat(): Promise<void> {
    try {
      const silentMs = await this.#options.storage.beat(this.id);
      const { steadyMs = usualSteadyMs } = this.#options;
      // Who slept, with the machine, say, finds everybody silent who slept with it; its own clock may not have run.
      if (silentMs > steadyMs || this.#steadySince === Number.POSITIVE_INFINITY)
        this.#steadySince = performance.now();
    } catch (error) {
      this.#steadySince = Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  /** Hands back runs that are its own and that it does not have in hand: somebody stopped without a word. */
  async look(): Promise<number> {
    const { storage, announce } = this.#options;
    const before = new Set(this.#busy.keys());
    const runs = await storage.executedRuns(this.id);
    // Some may have become its own by what is not answered yet, and are in hand as soon as it is.
    await Promise.allSettled(this.#claims);
    await setImmediate();
    const dropped = runs.filter((id) => !before.has(id) && !this.hasInHand(id));
    for (const [id, at] of this.#left) if (performance.now() - at > betweenStepsMs) this.#left.delete(id);
    if (dropped.length === 0) return 0;
    const handed = await storage.handBack(dropped, this.id);
    announceRuns(announce, handed);
    return handed.length;
  }

  async #tick(): Promise<void> {
    try {
      await this.beat();
      if (++this.#beats % beatsALook === 0) await this.look();
    } catch (error) {
      log.warn("The executor's heartbeat could not be stored", { error });
    }
  }
}
