import crypto from "node:crypto";
import { LruMap } from "@/lib/lru-map";
import { CompileThread } from "./compile-thread";
import { type CompiledJob, compile, compileExpression } from "./index";

/** Above it a source may be made to compile so slowly that others would notice. */
const maxInlineChars = 32 * 1024;

const jobs = new LruMap<string, CompiledJob>(1000);
/** Code, compiled code and places make some four times a source. */
const maxLargeChars = 32_000_000;
const largeJobs = new LruMap<string, Promise<CompiledJob>>(50, maxLargeChars);
const thread = new CompileThread();
const expressions = new LruMap<string, ReturnType<typeof compileExpression>>(1000);
const hash = (...texts: string[]): string =>
  crypto.createHash("sha256").update(texts.join("\0")).digest("base64");

type Compiled = { name: string; exports: string[]; hash: string };

/**
 * As `compile`, remembering the jobs compiled last; large ones in a thread. `hash` of an adaptor stands for its name and
 * exports; `also` is the one that every job has. Throws CompileError.
 */
export async function compiledJob(
  projectId: string,
  source: string,
  adaptor: Compiled,
  also: Compiled | null = null,
): Promise<CompiledJob> {
  const key = hash(source, adaptor.hash, also?.hash ?? "");
  const options = {
    adaptor: adaptor.name,
    exports: adaptor.exports,
    ...(also ? { also: { adaptor: also.name, exports: also.exports } } : {}),
  };
  if (source.length <= maxInlineChars) return jobs.getOrMake(key, () => compile(source, options));
  // A project of its own queues for itself: nobody's compilation fails because another project asks for the same.
  const own = `${projectId} ${key}`;
  const compiled = () => {
    const compiling = thread.compile(projectId, source, options);
    compiling.catch(() => largeJobs.delete(own));
    return compiling;
  };
  return largeJobs.getOrMake(own, compiled, source.length);
}

export function compiledExpression(expression: string): { code: string } {
  return expressions.getOrMake(hash(expression), () => compileExpression(expression));
}
