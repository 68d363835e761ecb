type Waiting<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

/**
 * Groups what comes in while a statement is under way into the next one: one round trip and one commit for many, and no
 * delay for one alone. When a group fails, each of its members is tried by itself, so that one cannot spoil the others.
 */
export class Batcher<T, R extends NonNullable<unknown>> {
  #waiting: Waiting<T, R>[] = [];
  #busy = false;
  readonly #flush: (items: T[]) => Promise<R[]>;
  readonly #max: number;

  constructor(flush: (items: T[]) => Promise<R[]>, max = 64) {
    this.#flush = flush;
    this.#max = max;
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) {
        this.#busy = true;
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, this.#max));
    this.#busy = false;
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
