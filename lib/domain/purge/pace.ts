import { setTimeout as sleepMs } from "node:timers/promises";

/**
 * How fast background work goes and how long it may: it leaves the database at least as much time as it takes. No
 * transaction of it is to take longer than a quarter of a second, whatever the rows are and the machine is: what the last
 * one of its kind took says how much of what it may take at most (`portion`) the next one gets.
 */
export type Pace = {
  /** Whether there is time for another statement. */
  goesOn(): boolean;
  /** What the next transaction of a kind may take of what it may at most, from 0 to 1. */
  portion(kind: string): number;
  /** Does one transaction's work, of a kind, then rests as long as that took. */
  run<T>(kind: string, work: () => Promise<T>): Promise<T>;
  /** The same without the rest: of a statement that reads. */
  read<T>(kind: string, work: () => Promise<T>): Promise<T>;
  /** Rests until whoever holds a lock may have let it go. */
  rest(): Promise<void>;
};

type Clock = { now(): number; sleep(ms: number): Promise<unknown> };

const longestRestMs = 1_000;
const lockMs = 100;
/** What a transaction is to take: the next one is larger when it took less than half of it, and smaller when more. */
const aimMs = 100;
const firstPortion = 1 / 4;
const leastPortion = 1 / 1_000;

/** A pace that ends after so many milliseconds. */
export function paceOf(
  budgetMs: number,
  { now, sleep }: Clock = { now: Date.now, sleep: (ms) => sleepMs(ms) },
): Pace {
  const end = now() + budgetMs;
  const portions = new Map<string, number>();
  const portion = (kind: string) => portions.get(kind) ?? firstPortion;
  async function timed<T>(kind: string, work: () => Promise<T>): Promise<{ result: T; took: number }> {
    const begun = now();
    const result = await work();
    const took = now() - begun;
    const factor = took > aimMs ? aimMs / took : took < aimMs / 2 ? 2 : 1;
    portions.set(kind, Math.min(1, Math.max(leastPortion, portion(kind) * factor)));
    return { result, took };
  }
  return {
    goesOn: () => now() < end,
    portion,
    async run(kind, work) {
      const { result, took } = await timed(kind, work);
      await sleep(Math.min(longestRestMs, took));
      return result;
    },
    read: async (kind, work) => (await timed(kind, work)).result,
    rest: () => sleep(lockMs).then(() => {}),
  };
}

/** Of a pace, not more than so long: what several share, each has in turn. */
export function paceWithin(pace: Pace, budgetMs: number): Pace {
  const end = Date.now() + budgetMs;
  return { ...pace, goesOn: () => pace.goesOn() && Date.now() < end };
}

/** So many at most, by a pace's portion: one in any case. */
export const atMost = (most: number, portion: number): number => Math.max(1, Math.floor(most * portion));
