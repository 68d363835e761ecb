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

  /**
   * Adds a sentence about a field, the last part of the path; a second time it is the same one. What is said of a list or a
   * record of which something is said within is its `base`.
   */
  add(path: readonly string[], message: string): void {
    if (this.#count < maxSentences) this.#add(path, message);
    else if (this.#count === maxSentences) this.#add(["base"], more);
  }

  #add(path: readonly string[], message: string): void {
    let node = this.#root;
    for (const key of path.slice(0, -1)) {
      const child = asTree(node[key]);
      node[key] = child;
      node = child;
    }
    const field = path.at(-1) ?? "base";
    const known = node[field];
    const isTree = known !== undefined && !Array.isArray(known);
    if (isTree ? addTo(known, "base", message) : addTo(node, field, message)) this.#count++;
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

function asTree(known: ErrorTree[string] | undefined): ErrorTree {
  const tree = known === undefined || Array.isArray(known) ? bare() : known;
  if (Array.isArray(known)) tree.base = known;
  return tree;
}

/** Whether it was not said yet. */
function addTo(node: ErrorTree, field: string, message: string): boolean {
  const known = node[field];
  const messages = Array.isArray(known) ? known : [];
  if (messages.includes(message)) return false;
  node[field] = [...messages, message];
  return true;
}

function firstSentence(errors: ErrorTree, path: string[] = []): string {
  for (const [key, value] of Object.entries(errors)) {
    const at = [...path, key];
    const found = Array.isArray(value) ? value[0] : firstSentence(value, at);
    if (found === undefined || found === "") continue;
    return Array.isArray(value) ? `${at.filter((one) => one !== "base").join("/")}: ${found}` : found;
  }
  return "";
}
