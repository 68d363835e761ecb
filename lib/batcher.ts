import { Gathering, gatherMs } from "./gathering";

type Waiting<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

type Options = {
  /** Members of one group. */
  max?: number;
  /** How many may add something before long, those that wait here included. */
  underWay?: () => number;
};

/**
 * Groups what comes in while a statement is under way into the next one: one round trip and one commit for many, and no
 * delay for one alone. While it is worth it (`Gathering`), others that are under way are waited for a moment. When a group
 * fails, each of its members is tried by itself, so that one cannot spoil the others.
 */
export class Batcher<T, R extends NonNullable<unknown>> {
  #waiting: Waiting<T, R>[] = [];
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #gathering = new Gathering();
  readonly #flush: (items: T[]) => Promise<R[]>;
  readonly #options: Required<Options>;

  constructor(flush: (items: T[]) => Promise<R[]>, options: Options = {}) {
    this.#flush = flush;
    this.#options = { max: 64, underWay: () => 0, ...options };
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#gathering.came();
      this.#look();
    });
  }

  /** Begins with those that wait, or has somebody look again. */
  #look(): void {
    const { length } = this.#waiting;
    if (this.#busy || length === 0) return;
    if (this.#gathering.isWorthIt(length, this.#options.underWay()))
      this.#timer ??= setTimeout(() => this.#begin(), gatherMs);
    else this.#begin();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => void this.#next());
  }

  async #next(): Promise<void> {
    await this.#send(this.#waiting.splice(0, this.#options.max));
    this.#busy = false;
    this.#look();
  }

  async #send(group: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#flush(group.map((w) => w.item));
      group.forEach((member, i) => {
        const result = results[i];
        if (result === undefined)
          member.reject(new Error("The statement answered fewer members than it was given."));
        else member.resolve(result);
      });
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) return only.reject(error);
      for (const member of group) await this.#send([member]);
    }
  }
}
