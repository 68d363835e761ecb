import { createRequire } from "node:module";
import path from "node:path";
import { Worker } from "node:worker_threads";

/** OpenFn's own way to isolate: a new thread a run, in it `@openfn/runtime`. Code of the thread, given as text. */
const threadCode = `
const { parentPort, workerData } = require("node:worker_threads");
(async () => {
  const { default: run } = await import(workerData.runtime);
  const quiet = () => {};
  const logger = Object.fromEntries(["info", "log", "debug", "success", "error", "warn", "always", "print", "proxy", "timer"].map((name) => [name, quiet]));
  const state = await run(workerData.code, { data: {} }, {
    logger,
    linker: { modules: { "@openfn/language-common": { path: workerData.common } } },
  });
  parentPort.postMessage(state);
})();
`;

const job = `import { fn } from "@openfn/language-common";
export default [fn((state) => ({ ...state, x: 1 }))];`;

/** Runs the trivial job once in a thread of its own. Resolves to its state, throws when the thread fails. */
export async function runInThread(): Promise<unknown> {
  const main = createRequire(import.meta.url).resolve("@openfn/language-common");
  const name = path.join("node_modules", "@openfn", "language-common");
  const common = main.slice(0, main.lastIndexOf(name) + name.length);
  const runtime = import.meta.resolve("@openfn/runtime");
  const thread = new Worker(threadCode, {
    eval: true,
    execArgv: ["--experimental-vm-modules", "--no-warnings"],
    workerData: { runtime, code: job, common },
  });
  try {
    return await new Promise((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.once("exit", (code) => reject(new Error(`The thread ended with ${code} before its result.`)));
    });
  } finally {
    await thread.terminate();
  }
}
