import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

let built: Promise<string> | undefined;

/**
 * Path of the worker program. The built product has it beside the runner's own file; run from source, it is bundled
 * into a temporary folder once a process.
 */
export function workerFile(): Promise<string> {
  const beside = path.join(import.meta.dirname, "worker.mjs");
  if (fs.existsSync(beside)) return Promise.resolve(beside);
  built ??= bundle(path.join(import.meta.dirname, "worker/main.ts"));
  return built;
}

/** The options with which the worker is bundled, wherever that happens. */
export const workerBundleOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
} as const;

async function bundle(entry: string): Promise<string> {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    ...workerBundleOptions,
    entryPoints: [entry],
    write: false,
    logLevel: "silent",
  });
  const text = result.outputFiles[0]?.text ?? "";
  const hash = crypto.createHash("sha256").update(text).digest("hex").slice(0, 16);
  const folder = path.join(os.tmpdir(), `waybill-worker-${hash}`);
  const file = path.join(folder, "worker.mjs");
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text, { mode: 0o644 });
  fs.renameSync(draft, file);
  return file;
}
