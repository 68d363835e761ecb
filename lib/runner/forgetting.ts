import { type StepRef, SupersededError } from "./contract";

type Said = { ref: StepRef; resolve(): void; reject(error: unknown): void };

/** How long a word waits for more of its kind: whoever says it has stored the result, and waits for nothing. */
const gatherMs = 100;
const maxTogether = 500;

/**
 * What a runner may forget, told in one request for all that ended within a moment: one of its own for every step would
 * cost both ends as much as the step's.
 */
export class Forgetting {
  #said: Said[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #tell: (refs: StepRef[]) => Promise<StepRef[]>;

  /** `tell` answers which of them somebody newer has. */
  constructor(tell: (refs: StepRef[]) => Promise<StepRef[]>) {
    this.#tell = tell;
  }

  /** Throws `SupersededError`, and what `tell` throws. */
  add(ref: StepRef): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#said.push({ ref, resolve, reject });
      if (this.#said.length >= maxTogether) void this.#flush();
      else this.#timer ??= setTimeout(() => void this.#flush(), gatherMs);
    });
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const said = this.#said.splice(0);
    try {
      const superseded = new Set(await this.#tell(said.map(({ ref }) => ref)));
      for (const { ref, resolve, reject } of said) {
        if (superseded.has(ref)) reject(new SupersededError());
        else resolve();
      }
    } catch (error) {
      for (const { reject } of said) reject(error);
    }
  }
}
