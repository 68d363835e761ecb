/** How long the first of a group waits at most for others. */
export const gatherMs = 20;

/** Who comes less often than this is not waited for. */
const rareMs = 20;
/** What the last interval counts for in the average. */
const weight = 0.2;

/**
 * Whether it is worth a moment to wait for others that could share a statement: they come often, and more than half of those that
 * are under way are still to come, so that the machine is busy meanwhile. One alone waits for nobody, nor does anybody for others
 * that take long.
 */
export class Gathering {
  #lastAt: number | undefined;
  #everyMs = rareMs;

  /** One has come. */
  came(): void {
    const now = performance.now();
    // However long nothing has come: a few quick ones are often.
    const since = Math.min(now - (this.#lastAt ?? now - rareMs), 2 * rareMs);
    this.#lastAt = now;
    this.#everyMs += weight * (since - this.#everyMs);
  }

  /** `waiting` of the `underWay` have come. */
  isWorthIt(waiting: number, underWay: number): boolean {
    return 2 * waiting < underWay && this.#everyMs < rareMs;
  }
}
