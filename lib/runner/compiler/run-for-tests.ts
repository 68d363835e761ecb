import vm from "node:vm";
import type { CompiledJob, Position } from "./index";

type State = Record<string, unknown>;
type Operation = (state: unknown) => unknown;
type Modules = Record<string, Record<string, unknown>>;
type Main = (
  operations: (() => unknown)[] & { d?: unknown },
  load: (name: string) => unknown,
  loadLater: (name: string) => Promise<unknown>,
  defer: typeof deferOperation,
) => Promise<void>;

/** `defer` as @openfn/runtime documents it. */
export function deferOperation(
  operation: Operation,
  complete: (promise: Promise<unknown>) => unknown = (promise) => promise,
  fail: (error: unknown, state: unknown) => unknown = (error) => {
    throw error;
  },
): Operation {
  return (state) => {
    try {
      return complete(Promise.resolve(operation(state)).catch((error: unknown) => fail(error, state)));
    } catch (error) {
      return fail(error, state);
    }
  };
}

/** Runs compiled code in a context of its own, as a worker does; `null` as adaptor runs operations one by one. */
export async function runCompiled(job: CompiledJob, modules: Modules, state: State): Promise<unknown> {
  const context = vm.createContext({ console, setTimeout });
  const script = new vm.Script(job.code, { filename: "job.js", lineOffset: -1 });
  const main = script.runInContext(context) as Main;
  const load = (name: string) => {
    const module = modules[name] ?? (name === "@openfn/runtime" ? { defer: deferOperation } : undefined);
    if (!module) throw new Error(`not available: ${name}`);
    return module;
  };
  const thunks: Parameters<Main>[0] = [];
  await main(thunks, load, async (name) => load(name), deferOperation);
  const operations = (thunks.d ?? thunks.map((make) => make())) as Operation[];
  let current: unknown = state;
  for (const operation of operations) current = (await operation(current)) ?? current;
  return current;
}

/** Where in the source an error was thrown, by its stack. */
export function placeOf(job: Pick<CompiledJob, "locate">, error: unknown): Position | null {
  const stack = typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : "";
  for (const [, line, column] of stack.matchAll(/job\.js:(\d+):(\d+)/g)) {
    const place = job.locate({ line: Number(line), column: Number(column) });
    if (place) return place;
  }
  return null;
}
