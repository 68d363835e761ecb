import { excerptOf } from "./excerpt";
import { fold } from "./fold";
import type { Term } from "./terms";

/** Looks for every term in one or another text of the same thing, text by text. */
export class Seeker {
  #missing: readonly Term[];
  readonly #excerpts: string[] = [];

  constructor(terms: readonly Term[]) {
    this.#missing = terms;
  }

  /** True once every term has been found. */
  get isDone(): boolean {
    return this.#missing.length === 0;
  }

  look(text: string): void {
    if (this.isDone || text === "") return;
    const folded = fold(text);
    const here = this.#missing.filter((term) => term.find(folded));
    if (here.length === 0) return;
    this.#excerpts.push(excerptOf(text, here));
    this.#missing = this.#missing.filter((term) => !here.includes(term));
  }

  /** Reads on only while a term is missing. */
  async lookThrough(texts: AsyncIterable<string>): Promise<void> {
    for await (const text of texts) {
      this.look(text);
      if (this.isDone) break;
    }
  }

  /** What stands around the terms. */
  get excerpt(): string {
    return this.#excerpts.join(" … ");
  }
}
