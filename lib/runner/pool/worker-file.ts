import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const built = new Map<string, Promise<string>>();

/**
 * Path of the worker program. The built product has it beside the runner's own file; run from source, it is bundled
 * into a temporary folder once a process.
 */
export const workerFile = (): Promise<string> => programFile("worker", "../worker/main.ts");

/** Path of the program that compiles large jobs in a thread, found as `workerFile`. */
export const compileThreadFile = (): Promise<string> =>
  programFile("compile-thread", "../compiler/thread.ts");

function programFile(name: string, entry: string): Promise<string> {
  const beside = path.join(import.meta.dirname, `${name}.mjs`);
  if (fs.existsSync(beside)) return Promise.resolve(beside);
  const known = built.get(name) ?? bundle(name, path.join(import.meta.dirname, entry));
  built.set(name, known);
  return known;
}

/** The options with which the worker is bundled, wherever that happens. */
export const workerBundleOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
} as const;

async function bundle(name: string, entry: string): Promise<string> {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    ...workerBundleOptions,
    entryPoints: [entry],
    write: false,
    logLevel: "silent",
  });
  // A folder of its own: a name that others can foresee is a file that others can put there first.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `waybill-${name}-`));
  fs.chmodSync(folder, 0o755);
  process.once("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, `${name}.mjs`);
  fs.writeFileSync(file, result.outputFiles[0]?.text ?? "", { mode: 0o644 });
  return file;
}
