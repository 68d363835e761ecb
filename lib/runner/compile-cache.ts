import crypto from "node:crypto";
import { type CompiledJob, compile, compileExpression } from "./compiler/index";

const maxEntries = 1000;

/** Keeps the most recently used results of a pure function. */
class Recent<T> {
  readonly #entries = new Map<string, T>();

  get(key: string, make: () => T): T {
    const known = this.#entries.get(key);
    const value = known ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    return value;
  }
}

const jobs = new Recent<CompiledJob>();
const expressions = new Recent<ReturnType<typeof compileExpression>>();
const hash = (...texts: string[]): string =>
  crypto.createHash("sha256").update(texts.join("\0")).digest("base64");

/** As `compile`, remembering the jobs compiled last. `artefactHash` stands for the adaptor's name and exports. */
export function compiledJob(
  source: string,
  adaptor: { name: string; exports: string[]; hash: string },
): CompiledJob {
  return jobs.get(hash(source, adaptor.hash), () =>
    compile(source, { adaptor: adaptor.name, exports: adaptor.exports }),
  );
}

export function compiledExpression(expression: string): { code: string } {
  return expressions.get(hash(expression), () => compileExpression(expression));
}
