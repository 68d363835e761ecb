import vm from "node:vm";
import type { CompiledJob, Position } from "./index";

type State = Record<string, unknown>;
type Operation = (state: unknown) => unknown;
type Execute = (...operations: Operation[]) => Operation;
type Modules = Record<string, Record<string, unknown>>;
type Main = (
  operations: (() => unknown)[] & { d?: unknown },
  load: (name: string) => unknown,
  loadLater: (name: string) => Promise<unknown>,
  defer: typeof deferOperation,
) => Promise<void>;

/** `defer` as @openfn/runtime documents it, with its parameter's name: error messages show it. */
export function deferOperation(
  fn: Operation,
  complete: (promise: Promise<unknown>) => unknown = (promise) => promise,
  fail: (error: unknown, state: unknown) => unknown = (error) => {
    throw error;
  },
): Operation {
  return (state) => {
    try {
      return complete(Promise.resolve(fn(state)).catch((error: unknown) => fail(error, state)));
    } catch (error) {
      return fail(error, state);
    }
  };
}

/** Runs compiled code in a context of its own with the adaptor's `execute`, as a worker does. */
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
  for (const [index, operation] of operations.entries()) {
    if (typeof operation !== "function")
      throw new InvalidOperation(`Invalid operation at statement ${index}`);
  }
  const wrapped = operations.map((operation) => async (current: unknown) => (await operation(current)) || {});
  const execute = Object.values(modules)[0]?.execute as Execute | undefined;
  return (execute ?? inSequence)(...wrapped)(state);
}

class InvalidOperation extends Error {}

const inSequence: Execute =
  (...operations) =>
  (state) =>
    operations.reduce((sofar: Promise<unknown>, operation) => sofar.then(operation), Promise.resolve(state));

/** Where in the source an error was thrown, by its stack. */
export function placeOf(job: Pick<CompiledJob, "locate">, error: unknown): Position | null {
  const stack = typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : "";
  for (const [, line, column] of stack.matchAll(/job\.js:(\d+):(\d+)/g)) {
    const place = job.locate({ line: Number(line), column: Number(column) });
    if (place) return place;
  }
  return null;
}
