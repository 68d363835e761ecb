import type { Database } from "@/db/client";
import { isConflict, isOutage } from "@/db/outage";
import { persist } from "@/inngest/embedded/persist";
import { defaultBackoffMs } from "@/inngest/embedded/time";
import { coalesce } from "@/lib/coalesce";
import type { LoadedRun } from "@/lib/execution/load-run";
import type { Opening } from "@/lib/execution/opening";
import { Gathering, gatherMs } from "@/lib/gathering";
import {
  type Claim,
  type Claimed,
  claimRuns,
  type Delivery,
  disown,
  giveBack,
  isMet,
  type Known,
} from "./claim";

export type LaneOptions = {
  database: Database;
  /** Under whose name runs are held. It is declared lost when its engine is, and its rows are set free with that. */
  engine: { readonly owner: string; register(): Promise<void> };
  schema?: string;
  /** Executes a run to its end, its pause or its hand-over. What throws is delivered again. */
  execute: (runId: string, loaded: LoadedRun | undefined) => Promise<unknown>;
  /** Has runs begin with their claim, where it is known before how they do. */
  opener?: {
    opening(): Opening | null;
    /** Waits for the claim. Until it is answered, what has begun with it is in nobody's hands. */
    expect<T>(claim: Promise<T>): Promise<T>;
  };
  /** Every delivery has failed, the last with this error; null when each took its engine down. */
  giveUp: (runId: string, error: unknown) => Promise<unknown>;
  /** In how many milliseconds a delivery that failed is tried again; null as long as it failed by itself. */
  againInMs?: (error: unknown) => number | null;
  /** Runs at once in this process. */
  maxInFlight?: number;
  /** Runs at once of one project, in all engines. */
  projectLimit?: number;
  /** Safety net; what wakes it normally is `wake()`. */
  pollMs?: number;
  /**
   * How often it looks whether all that it holds is in hand: what was settled without waiting for the disk comes back when
   * the database crashes, and nobody need notice.
   */
  ownMs?: number;
  backoffMs?: (attempt: number) => number;
  onError?: (error: unknown, where: string) => void;
};

type Settings = Required<LaneOptions>;

const withDefaults = (options: LaneOptions): Settings => ({
  schema: "durable",
  againInMs: () => null,
  opener: { opening: () => null, expect: (claim) => claim },
  maxInFlight: 16,
  projectLimit: 8,
  pollMs: 1000,
  ownMs: 10_000,
  backoffMs: defaultBackoffMs,
  onError: (error, where) => console.error(`lane: ${where}`, error),
  ...options,
});

/** As execute-run has them: ten repetitions. */
const maxAttempts = 11;
/** A run that took this many processes down with it is the cause, not the victim. */
const maxLost = 5;
/** After failures of the claim itself. */
const longestPauseMs = 5_000;
/** Somebody else was claiming from a project just then. */
const missedMs = 10;
/** Of so many projects it is known what was there at the last claim. */
const knownProjects = 16;
/** All is read anew this often, and for at most so small a part of the time. */
const wholeMs = 1_000;
const wholeShare = 0.05;

const beforeAll = "00000000-0000-0000-0000-000000000000";

/**
 * The embedded engine's way for runs: a run's row of the outbox is its delivery, from the request to the end. It is held
 * while the run is executed, and deleted when that is done; what nobody holds any more is executed by the next who looks.
 * Any number of lanes may share a database. At-least-once, like Inngest: `executeRun` lets each job run once.
 */
export class RunLane {
  readonly stats = { claims: 0, delivered: 0 };
  readonly #o: Settings;
  readonly #pumps = coalesce(() => this.#pump());
  /** One row may be here twice: under a name that was declared lost, and claimed anew. */
  readonly #inHand = new Set<Delivery>();
  #done: Delivery[] = [];
  /** How many were in hand after the last claim. */
  #filled = 0;
  /** Places that become free together are filled with one claim. */
  readonly #gathering = new Gathering();
  #after = beforeAll;
  #known: Known = {};
  #wholeAt = 0;
  /** When it looks next, by `performance.now()`; at once after a claim whose answer was lost. */
  #ownAt = 0;
  #failures = 0;
  #state: "new" | "running" | "stopping" = "new";
  #pollTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.#o = withDefaults(options);
  }

  start(): void {
    this.#state = "running";
    this.wake();
  }

  /** Claims nothing more. Resolves when nothing is under way and all that is done was settled. */
  async stop(): Promise<void> {
    this.#state = "stopping";
    clearTimeout(this.#pollTimer);
    await this.#pumps.idle();
    while (this.#inHand.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    clearTimeout(this.#soonTimer);
    this.#pumps.ask();
    await this.#pumps.idle();
    clearTimeout(this.#pollTimer);
  }

  /** Looks for work now. Cheap, and any number of calls make one look. */
  wake(): void {
    if (this.#state === "running") this.#pumps.ask();
  }

  /** A place is free. */
  #wakeSoon(): void {
    this.#gathering.came();
    if (this.#gathering.isWorthIt(this.#filled - this.#inHand.size, this.#filled))
      this.#soonTimer ??= setTimeout(() => this.#pumps.ask(), gatherMs);
    else this.#pumps.ask();
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#soonTimer);
    this.#soonTimer = undefined;
    if (this.#state === "new") return;
    const room = this.#state === "running" ? this.#o.maxInFlight - this.#inHand.size : 0;
    if (room <= 0 && this.#done.length === 0) return;
    let delay = this.#o.pollMs * (0.9 + Math.random() / 5);
    try {
      const { claimed, more, next } = await this.#claim(Math.max(0, room));
      this.#failures = 0;
      for (const one of claimed) this.#begin(one);
      this.#filled = this.#inHand.size;
      if (more) delay = missedMs;
      if (next !== null) delay = Math.min(delay, Math.max(2, next));
    } catch (error) {
      this.#ownAt = 0;
      this.#failures++;
      delay = Math.min(longestPauseMs, 100 * 2 ** this.#failures);
      if (this.#state === "running" || !(isOutage(error) || isConflict(error)))
        this.#o.onError(error, "claim");
    }
    if (this.#state === "running") this.#pollTimer = setTimeout(() => this.wake(), delay);
  }

  async #claim(room: number): Promise<Pick<Claim, "claimed" | "more" | "next">> {
    const { database, schema, projectLimit, engine, opener, ownMs } = this.#o;
    const { owner } = engine;
    if (performance.now() >= this.#ownAt) {
      const inHand = [...this.#inHand, ...this.#done].map(({ id }) => id);
      await disown(database, schema, owner, inHand);
      this.#ownAt = performance.now() + ownMs;
    }
    const begin = performance.now();
    const isWhole = begin >= this.#wholeAt;
    const done = this.#done;
    this.#done = [];
    this.stats.claims++;
    const asked = {
      ...{ owner, room, projectLimit, after: this.#after },
      // What was held under a name that is ours no more is delivered again, and found to be over.
      done: done.flatMap((one) => (one.owner === owner ? one.id : [])),
      known: isWhole ? {} : this.#known,
    };
    const opening = room > 0 ? opener.opening() : null;
    const first = opener.expect(claimRuns(database, schema, asked, opening));
    const claim = await first
      .catch((error: unknown) => {
        // Somebody met a run that was to begin, and has the right of way. Whoever executes it asks again.
        if (!opening || !isMet(error)) throw error;
        return claimRuns(database, schema, asked);
      })
      .catch((error: unknown) => {
        this.#done.push(...done);
        throw error;
      });
    if (!claim) {
      await engine.register();
      this.wake();
      return { claimed: [], more: false, next: null };
    }
    if (isWhole)
      this.#wholeAt = performance.now() + Math.max(wholeMs, (performance.now() - begin) / wholeShare);
    if (room > 0) {
      const all = Object.entries({ ...(isWhole ? {} : this.#known), ...claim.known });
      this.#known = Object.fromEntries(all.slice(-knownProjects));
      this.#after = claim.after;
    }
    return claim;
  }

  #begin(one: Claimed): void {
    this.#inHand.add(one);
    void this.#deliver(one)
      .catch((error: unknown) => this.#o.onError(error, `run ${one.runId}`))
      .finally(() => {
        this.#inHand.delete(one);
        this.#wakeSoon();
      });
  }

  async #deliver(one: Claimed): Promise<void> {
    const { execute, giveUp } = this.#o;
    this.stats.delivered++;
    // The release before says only in the event that it is for later.
    const waitsMs = one.loaded?.waitsMs ?? 0;
    if (waitsMs > 0) return this.#giveBack(one, one.attempt, waitsMs);
    try {
      if (one.lost >= maxLost) await giveUp(one.runId, null);
      else await execute(one.runId, one.loaded);
      this.#done.push(one);
    } catch (error) {
      // It failed because everything around it is being stopped: no attempt that counts.
      const isStopping = this.#state === "stopping";
      if (!isStopping && one.attempt + 1 >= maxAttempts && (await this.#isGivenUp(one, error))) return;
      const attempt = isStopping ? one.attempt : Math.min(one.attempt + 1, maxAttempts - 1);
      const delayMs = isStopping ? 0 : (this.#o.againInMs(error) ?? this.#o.backoffMs(one.attempt));
      await this.#giveBack(one, attempt, delayMs);
    }
  }

  /** However long the database is away: nobody else frees what a living engine holds. */
  #giveBack(one: Claimed, attempt: number, delayMs: number): Promise<void> {
    return persist(() => giveBack(this.#o.database, { ...one, attempt }, delayMs), Number.POSITIVE_INFINITY);
  }

  async #isGivenUp(one: Claimed, error: unknown): Promise<boolean> {
    try {
      await this.#o.giveUp(one.runId, error);
      this.#done.push(one);
      return true;
    } catch (failure) {
      this.#o.onError(failure, `giving up run ${one.runId}`);
      return false;
    }
  }
}
