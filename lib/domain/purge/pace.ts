import { setTimeout as sleep } from "node:timers/promises";

/** How fast background work goes and how long it may: it leaves the database at least as much time as it takes. */
export type Pace = {
  /** Whether there is time for another statement. */
  goesOn(): boolean;
  /** Does one statement's work, then rests as long as that took. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Rests until whoever holds a lock may have let it go. */
  rest(): Promise<void>;
};

const longestRestMs = 1_000;
const lockMs = 100;

/** A pace that ends after so many milliseconds. */
export function paceOf(budgetMs: number): Pace {
  const end = Date.now() + budgetMs;
  return {
    goesOn: () => Date.now() < end,
    async run(work) {
      const begun = Date.now();
      const result = await work();
      await sleep(Math.min(longestRestMs, Date.now() - begun));
      return result;
    },
    rest: () => sleep(lockMs),
  };
}
