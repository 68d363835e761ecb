import crypto from "node:crypto";
import { CompileThread } from "./compile-thread";
import { type CompiledJob, compile, compileExpression } from "./index";

/** Keeps the most recently used results of a pure function. */
class Recent<T> {
  readonly #entries = new Map<string, T>();

  constructor(readonly max: number) {}

  get(key: string, make: () => T): T {
    const known = this.#entries.get(key);
    const value = known ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.max && oldest !== undefined) this.#entries.delete(oldest);
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

/** Above it a source may be made to compile so slowly that others would notice. */
const maxInlineChars = 32 * 1024;

const jobs = new Recent<CompiledJob>(1000);
const largeJobs = new Recent<Promise<CompiledJob>>(50);
const thread = new CompileThread();
const expressions = new Recent<ReturnType<typeof compileExpression>>(1000);
const hash = (...texts: string[]): string =>
  crypto.createHash("sha256").update(texts.join("\0")).digest("base64");

/**
 * As `compile`, remembering the jobs compiled last; large ones in a thread. `hash` of the adaptor stands for its name and
 * exports. Throws CompileError.
 */
export async function compiledJob(
  projectId: string,
  source: string,
  adaptor: { name: string; exports: string[]; hash: string },
): Promise<CompiledJob> {
  const key = hash(source, adaptor.hash);
  const options = { adaptor: adaptor.name, exports: adaptor.exports };
  if (source.length <= maxInlineChars) return jobs.get(key, () => compile(source, options));
  // A project of its own queues for itself: nobody's compilation fails because another project asks for the same.
  return largeJobs.get(`${projectId} ${key}`, () => {
    const compiling = thread.compile(projectId, source, options);
    compiling.catch(() => largeJobs.delete(`${projectId} ${key}`));
    return compiling;
  });
}

export function compiledExpression(expression: string): { code: string } {
  return expressions.get(hash(expression), () => compileExpression(expression));
}
