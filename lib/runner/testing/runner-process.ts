import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { toolEnvironment } from "@/lib/env";
import { workerBundleOptions } from "@/lib/runner/pool/worker-file";
import { builtinAdaptors } from "./local-runner";

/** Bundles as the launcher does: the runner with its packages outside, the worker whole. Answers the folder. */
export async function bundleRunner(name: string): Promise<string> {
  const esbuild = await import("esbuild");
  const out = path.join(process.cwd(), "node_modules", ".waybill-test", name);
  await esbuild.build({
    entryPoints: ["lib/processes/runner.ts"],
    outfile: path.join(out, "runner.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    define: { "import.meta.dirname": JSON.stringify(out) },
    logLevel: "silent",
  });
  await esbuild.build({
    ...workerBundleOptions,
    entryPoints: ["lib/runner/worker/main.ts"],
    outfile: path.join(out, "worker.mjs"),
  });
  fs.symlinkSync(await builtinAdaptors(), path.join(out, "adaptors"));
  return out;
}

/** Starts the bundle of a folder as a process of its own, with these variables and no others. */
export function startRunner(out: string, variables: Record<string, string>): ChildProcess {
  const env: Record<string, string | undefined> = { ...toolEnvironment(), NODE_ENV: "test", ...variables };
  return spawn(process.execPath, [path.join(out, "runner.mjs")], {
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

export const ended = (one: ChildProcess): Promise<void> =>
  one.exitCode !== null || one.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => one.once("exit", () => resolve()));
