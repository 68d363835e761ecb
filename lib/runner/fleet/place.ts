import { causes } from "@/lib/error-code";
import { log } from "@/lib/log";
import type { Runner, RunnerHealth } from "@/lib/runner/contract";
import type { KnownLife } from "./book";

/** Where a runner is asked, and under which certificate. */
export type Where = { address: string; fingerprint: string | null };

/** A runner at a place: one life of it, or whoever is there when `life` is null. */
export type Connect = (where: Where, life: string | null) => Runner;

type Answer = { health: RunnerHealth; at: number; given: number };

/** An answer that is older says nothing of now. */
const answerHoldsMs = 8_000;
/** How long somebody who has just not started a step comes last. */
const shunMs = 2_000;
/** By then whoever was chosen has been given the step, or will not be. */
const promiseMs = 5_000;

/** One address of a runner: who answers there now, and how much it has to do. */
export class Place {
  /** Whoever is there, whichever life it is. */
  readonly here: Runner;
  readonly #promises: number[] = [];
  #asking: Promise<void> | null = null;
  #answer: Answer | null = null;
  #problem: string | null = null;
  #shunnedUntil = 0;
  /** Steps that this process has running there. */
  given = 0;
  /** While who answers here is being noted. */
  noting: Promise<void> | null = null;

  constructor(
    readonly where: Where,
    connect: Connect,
  ) {
    this.here = connect(where, null);
  }

  /** Who answers here, null when nobody does. */
  get health(): RunnerHealth | null {
    const isNew = this.#answer !== null && performance.now() - this.#answer.at < answerHoldsMs;
    return isNew ? (this.#answer?.health ?? null) : null;
  }

  /** Why nobody answers, for the log of whoever looks for somebody. */
  get problem(): string {
    return this.#problem ?? "it was not asked yet";
  }

  get known(): KnownLife | null {
    const { health, where } = this;
    return health && { id: health.life, name: health.name, ...where, ...pick(health) };
  }

  /** Steps there, as far as one can know: what it said, and what was given to it or ended since. */
  get load(): number {
    const { health } = this;
    if (!health || !this.#answer) return Number.POSITIVE_INFINITY;
    const promised = this.#promises.filter((at) => performance.now() - at < promiseMs).length;
    return Math.max(this.given, health.running + this.given - this.#answer.given) + promised;
  }

  get isShunned(): boolean {
    return performance.now() < this.#shunnedUntil;
  }

  /** Asks who is here. Never throws; asking again while an answer is awaited waits for that one. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** It was chosen for a step, which is about to be given to it. */
  promise(): void {
    if (this.#promises.length > 1_000) this.#promises.shift();
    this.#promises.push(performance.now());
  }

  /** A step is given to who is here. Answers what to call when that is over. */
  begin(): () => void {
    this.#promises.shift();
    this.given += 1;
    return () => {
      this.given -= 1;
    };
  }

  /** A step was not started here. */
  shun(): void {
    this.#shunnedUntil = performance.now() + shunMs;
    void this.ask();
  }

  async #ask(): Promise<void> {
    const { given } = this;
    try {
      const health = await this.here.health();
      if (this.#problem !== null) log.info("A job runner answers again", { runner: health.name });
      this.#problem = null;
      this.#answer = { health, at: performance.now(), given };
    } catch (error) {
      const problem = problemOf(error);
      if (this.#answer !== null || this.#problem !== problem)
        log.warn("A job runner does not answer", { runner: this.#answer?.health.name, problem });
      this.#problem = problem;
      this.#answer = null;
    }
  }
}

/** Of what was thrown, what says most: a certificate that is not trusted is told from a runner that is away. */
function problemOf(error: unknown): string {
  const messages = causes(error).map((one) => (one instanceof Error ? one.message : String(one)));
  return messages.at(-1) ?? "it does not answer";
}

const pick = ({ capacity, isDraining }: RunnerHealth) => ({ capacity, isDraining });
