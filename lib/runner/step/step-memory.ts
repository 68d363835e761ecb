/** What is remembered of a step besides its events: who may still say something about it, and what is over. */
export type Mark = {
  /** The highest that was heard. */
  epoch: number;
  /** Within that epoch: starts up to this one are revoked. */
  call: number;
  /** Attempts up to this one are over and forgotten: none of them is ever started. */
  over: number;
  isCancelled: boolean;
};

const defaultMaxMarks = 100_000;
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether ids like this one sort by the time at which they were made (UUIDv7). */
export const isTimeOrdered = (id: string): boolean => uuidV7.test(id);

/**
 * The marks of the steps of this life, as many as fit. Ids of steps are ordered by time (UUIDv7): what has fallen out is
 * covered by a floor, at or below which a step without a mark counts as forgotten.
 */
export class StepMemory {
  readonly #marks = new Map<string, Mark>();
  #floor = "";

  constructor(readonly maxMarks = defaultMaxMarks) {}

  get(stepId: string): Mark | undefined {
    return this.#marks.get(stepId);
  }

  /** The step's mark, made when there is none. */
  note(stepId: string): Mark {
    const known = this.#marks.get(stepId);
    if (known) return known;
    const mark: Mark = { epoch: 0, call: -1, over: -1, isCancelled: false };
    this.#marks.set(stepId, mark);
    return mark;
  }

  /** Whether the step may have been here, and nobody can tell any more. */
  isOutOfMemory(stepId: string): boolean {
    return !this.#marks.has(stepId) && isTimeOrdered(stepId) && stepId <= this.#floor;
  }

  /** Drops the oldest marks beyond the bound; those that `isKept` are passed over. */
  trim(isKept: (stepId: string) => boolean): void {
    let excess = this.#marks.size - this.maxMarks;
    for (const stepId of excess > 0 ? this.#marks.keys() : []) {
      if (excess <= 0) return;
      if (isKept(stepId)) continue;
      this.#marks.delete(stepId);
      if (isTimeOrdered(stepId) && stepId > this.#floor) this.#floor = stepId;
      excess -= 1;
    }
  }
}
