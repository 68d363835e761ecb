// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";

/** @typedef {Record<string, string>} Entries bundle name → TypeScript entry */

/** @satisfies {Entries} */
export const entries = {
  "mend-json": "lib/processes/mend-json.ts",
  inbox: "lib/processes/inbox.ts",
  web: "lib/processes/web.ts",
  engine: "lib/processes/engine.ts",
  runner: "lib/processes/runner.ts",
  "compile-thread": "lib/runner/compiler/thread.ts",
  "parse-thread": "lib/portability/thread.ts",
  "build-builtins": "lib/runner/adaptors/build-builtins.ts",
  admin: "lib/processes/admin.ts",
  migrate: "lib/processes/migrate.ts",
  cli: "lib/cli/main.ts",
};
/**
 * What the command line needs where the product was never built.
 * @satisfies {Entries}
 */
export const cliEntries = { cli: entries.cli, "compile-thread": entries["compile-thread"] };
/**
 * What serves has its packages within: some files instead of hundreds of modules, without comments and most of what nobody uses, take a
 * tenth less memory.
 */
const serving = ["inbox", "web", "engine", "runner"];
/** Those that run jobs, and so need the worker beside them. @type {readonly Entries[]} */
const withWorker = [entries, cliEntries];
/** Runs in Deno without packages, so it is bundled whole. */
export const workerEntry = "lib/runner/worker/main.ts";

/** @satisfies {import("esbuild").BuildOptions} */
const shared = /** @type {const} */ ({
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
});

/**
 * esbuild's options for the Node processes and for the worker, written to `outdir`.
 * @param {string} outdir
 * @param {Entries} [chosen]
 * @returns {{ node: import("esbuild").BuildOptions, worker: import("esbuild").BuildOptions }}
 */
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

/**
 * The same with the packages within, and what is imported only when it is needed in files of its own.
 * @param {import("esbuild").BuildOptions} options
 * @returns {import("esbuild").BuildOptions}
 */
const withPackages = (options) => ({
  ...options,
  packages: "bundle",
  // Programs of their own, and what `pg` and `ws` do without.
  external: ["next", "esbuild", "pg-native", "pg-cloudflare", "bufferutil", "utf-8-validate"],
  // What packages of the older kind ask Node for.
  banner: {
    js: 'import { createRequire as __from } from "node:module";const require = __from(import.meta.url);',
  },
  splitting: true,
  chunkNames: "part-[hash]",
  // Comments would be kept in memory, and one letter that is not Latin doubles a whole file there.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: "linked",
});

/** Throws when a process entry is missing from the clone. */
export function checkEntries() {
  const missing = [...Object.values(entries), workerEntry].filter((file) => !fs.existsSync(inRoot(file)));
  if (missing.length > 0)
    throw new Failure(
      `The clone is incomplete: ${missing.join(", ")} is missing. Take it from the repository again (git status, git checkout .).`,
    );
}

/**
 * esbuild's complaints as text.
 * @param {typeof import("esbuild")} esbuild
 * @param {unknown} error what a build threw, or its result
 * @returns {Promise<string>}
 */
export async function formatBuildErrors(esbuild, error) {
  if (!isBuildFailure(error)) return error instanceof Error ? String(error.stack) : String(error);
  return (await esbuild.formatMessages(error.errors, { kind: "error", color: false })).join("\n");
}

/**
 * @param {unknown} error
 * @returns {error is { errors: import("esbuild").Message[] }}
 */
const isBuildFailure = (error) =>
  typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors);

/**
 * Bundles every process entry into `outdir`. Throws a `Failure` that shows what does not compile.
 * @param {string} outdir
 * @param {Entries} [chosen]
 * @returns {Promise<string>} `outdir`, absolute
 */
export async function bundleEntries(outdir, chosen = entries) {
  const esbuild = await import("esbuild");
  /** @param {boolean} isServing */
  const part = (isServing) =>
    Object.fromEntries(Object.entries(chosen).filter(([name]) => serving.includes(name) === isServing));
  const { node, worker } = bundles(outdir, part(false));
  const all = [
    node,
    withPackages(bundles(outdir, part(true)).node),
    ...(withWorker.includes(chosen) ? [worker] : []),
  ];
  try {
    await Promise.all(all.map((options) => esbuild.build(options)));
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
