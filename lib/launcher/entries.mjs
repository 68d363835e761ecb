import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";

/** Bundle name → TypeScript entry. */
export const entries = {
  web: "lib/processes/web.ts",
  engine: "lib/processes/engine.ts",
  runner: "lib/processes/runner.ts",
  "compile-thread": "lib/runner/compiler/thread.ts",
  "build-builtins": "lib/runner/adaptors/build-builtins.ts",
  admin: "lib/processes/admin.ts",
  migrate: "lib/processes/migrate.ts",
};
/** Runs in Deno without packages, so it is bundled whole. */
export const workerEntry = "lib/runner/worker/main.ts";

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  outExtension: { ".js": ".mjs" },
  logLevel: "silent",
  sourcemap: "linked",
  sourcesContent: false,
  metafile: false,
  // The engine's migrations travel in its bundle: a build never meets the files of another release.
  loader: { ".sql": "text" },
};

/** esbuild's options for the Node processes and for the worker, written to `outdir`. */
export const bundles = (outdir, chosen = entries) => ({
  node: {
    ...shared,
    entryPoints: chosen,
    outdir,
    platform: "node",
    target: "node20",
    packages: "external",
  },
  worker: {
    ...shared,
    entryPoints: { worker: workerEntry },
    outdir,
    platform: "node",
    target: "es2023",
    sourcemap: false,
  },
});

/** Throws when a process entry is missing from the clone. */
export function checkEntries() {
  const missing = [...Object.values(entries), workerEntry].filter((file) => !fs.existsSync(inRoot(file)));
  if (missing.length > 0)
    throw new Failure(
      `The clone is incomplete: ${missing.join(", ")} is missing. Take it from the repository again (git status, git checkout .).`,
    );
}

/** esbuild's complaints as text. */
export async function formatBuildErrors(esbuild, error) {
  if (!Array.isArray(error.errors)) return String(error.stack ?? error);
  return (await esbuild.formatMessages(error.errors, { kind: "error", color: false })).join("\n");
}

/** Bundles every process entry into `outdir`. Throws a `Failure` that shows what does not compile. */
export async function bundleEntries(outdir, chosen = entries) {
  const esbuild = await import("esbuild");
  const { node, worker } = bundles(outdir, chosen);
  try {
    await Promise.all([esbuild.build(node), ...(chosen === entries ? [esbuild.build(worker)] : [])]);
  } catch (error) {
    throw new Failure("The sources do not compile; see above. `git status` shows what was changed.", {
      detail: await formatBuildErrors(esbuild, error),
    });
  } finally {
    // Its helper process would outlive the build and hold memory.
    await esbuild.stop();
  }
  return path.resolve(outdir);
}
