import { Refusal } from "@/lib/refusal";

/** Sentences by field. Records are under their names, in the lists that they are of. */
export type ErrorTree = { [key: string]: string[] | ErrorTree };

/** Everything that is wrong with a document, at its place. The message is the first of it. */
export class ProvisionErrors extends Refusal {
  constructor(readonly errors: ErrorTree) {
    super("invalid", firstSentence(errors), { errors });
    this.name = "ProvisionErrors";
  }
}

/** More sentences than these help nobody. */
const maxSentences = 1_000;
const more = "More than this is wrong. Mend what is named, then deploy again.";

/** Gathers what is wrong with a document, so that all of it is told at once, as far as anybody would read it. */
export class ErrorList {
  // Names are other people's: one may be called `__proto__`.
  readonly #root: ErrorTree = bare();
  #count = 0;

  /** Adds a sentence about a field, the last part of the path; a second time it is the same one. */
  add(path: readonly string[], message: string): void {
    if (this.#count < maxSentences) this.#add(path, message);
    else if (this.#count === maxSentences) this.#add(["base"], more);
  }

  #add(path: readonly string[], message: string): void {
    const field = path.at(-1) ?? "base";
    let node = this.#root;
    for (const key of path.slice(0, -1)) {
      const known = node[key];
      const child = known === undefined || Array.isArray(known) ? bare() : known;
      node[key] = child;
      node = child;
    }
    const known = node[field];
    const messages = Array.isArray(known) ? known : [];
    if (messages.includes(message)) return;
    node[field] = [...messages, message];
    this.#count++;
  }

  /** Whether something was said about a field. */
  has(path: readonly string[]): boolean {
    let node: string[] | ErrorTree | undefined = this.#root;
    for (const key of path) node = node === undefined || Array.isArray(node) ? undefined : node[key];
    return node !== undefined;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#root).length === 0;
  }

  /** Throws `ProvisionErrors` when there is something. */
  throwIfAny(): void {
    if (!this.isEmpty) throw new ProvisionErrors(this.#root);
  }
}

const bare = (): ErrorTree => Object.create(null);

function firstSentence(errors: ErrorTree, path: string[] = []): string {
  for (const [key, value] of Object.entries(errors)) {
    const at = [...path, key];
    const found = Array.isArray(value) ? value[0] : firstSentence(value, at);
    if (found === undefined || found === "") continue;
    return Array.isArray(value) ? `${at.filter((one) => one !== "base").join("/")}: ${found}` : found;
  }
  return "";
}
