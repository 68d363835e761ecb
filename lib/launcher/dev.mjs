// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { bundles, checkEntries, entries, formatBuildErrors } from "./entries.mjs";
import { Failure } from "./failure.mjs";
import { inRoot, root } from "./paths.mjs";
import { startProduct } from "./product.mjs";
import { command, progress } from "./progress.mjs";
import { onStop } from "./signals.mjs";

/** @typedef {import("./product.mjs").Roles} Roles */
/** @typedef {{ promise: Promise<void>, resolve(): void, reject(error: unknown): void }} Deferred */

/**
 * What a change to a bundle restarts. Next reloads the pages by itself.
 * @type {Record<string, import("./environment.mjs").Role>}
 */
const restartedBy = { inbox: "inbox", web: "web", engine: "engine", runner: "runner", worker: "runner" };

/**
 * Development output apart from the builds, one directory a data directory, below the clone for its node_modules.
 * @param {string} dataDir
 */
const devDir = (dataDir) =>
  inRoot(".build", `dev-${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`);

/**
 * The product with hot reload: Next's own for pages, esbuild's watch and a restart for the other processes.
 * @param {{ settings: import("./environment.mjs").Settings, notes: import("./run-file.mjs").Notes }} own
 * @returns {Promise<Roles>}
 */
export async function startDev({ settings, notes }) {
  checkEntries();
  const dir = devDir(settings.dataDir);
  fs.mkdirSync(dir, { recursive: true });
  /** @type {Partial<Roles>} */
  const roles = {};
  await progress("Compiling", () => watch(dir, (name) => restart(roles, name)));
  const adaptors = [path.join(dir, "build-builtins.mjs"), path.join(dir, "adaptors")];
  await progress("Building the adaptors", () => command(process.execPath, adaptors, { cwd: root }));
  const isDefault = settings.dataDir === inRoot(".data");
  /** @type {import("./environment.mjs").Variables} */
  const web = { WAYBILL_DIST: isDefault ? ".next" : path.relative(root, path.join(dir, "next")) };
  if (!isDefault) {
    // Next writes its output's place into the tsconfig it is given; the clone's own stays as it is.
    fs.writeFileSync(path.join(dir, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json" }));
    web.WAYBILL_TSCONFIG = path.relative(root, path.join(dir, "tsconfig.json"));
  }
  const started = await startProduct({
    settings,
    notes,
    buildDir: dir,
    mode: "development",
    pageArgs: ["--dev"],
    roleExtras: { web },
    execArgv: ["--enable-source-maps"],
  });
  return Object.assign(roles, started);
}

/** @param {Partial<Roles>} roles @param {string} bundle */
function restart(roles, bundle) {
  const name = restartedBy[bundle];
  const role = name && roles[name];
  if (!role) return;
  console.error(`${bundle} changed; starting the ${role.name} again.`);
  void role.replace();
}

/**
 * Bundles every entry and again whenever a source changes. Resolves after the first time.
 * @param {string} dir
 * @param {(bundle: string) => void} onChange hears the later ones
 */
async function watch(dir, onChange) {
  const esbuild = await import("esbuild");
  /** @type {[string, import("esbuild").BuildOptions][]} */
  const all = Object.entries(entries).map(([name, entry]) => [name, bundles(dir, { [name]: entry }).node]);
  const contexts = await Promise.all(
    [...all, /** @type {const} */ (["worker", bundles(dir).worker])].map(async ([name, options]) => {
      const first = deferred();
      const context = await esbuild.context({
        ...options,
        plugins: [reporter(esbuild, name, first, onChange)],
      });
      await context.watch();
      return { context, first };
    }),
  );
  onStop(() => Promise.all(contexts.map(({ context }) => context.dispose())));
  await Promise.all(contexts.map(({ first }) => first.promise));
}

/** @returns {Deferred} */
function deferred() {
  let resolve = () => {};
  /** @type {(error: unknown) => void} */
  let reject = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

/**
 * Tells the first build's end, then each later one.
 * @param {typeof import("esbuild")} esbuild
 * @param {string} name
 * @param {Deferred} first
 * @param {(bundle: string) => void} onChange
 * @returns {import("esbuild").Plugin}
 */
function reporter(esbuild, name, first, onChange) {
  let isFirst = true;
  return {
    name: "waybill-report",
    setup(build) {
      build.onEnd(async (result) => {
        if (result.errors.length > 0) {
          const text = await formatBuildErrors(esbuild, result);
          if (isFirst) first.reject(new Failure("The sources do not compile; see above.", { detail: text }));
          else console.error(text);
        } else if (isFirst) first.resolve();
        else onChange(name);
        isFirst = false;
      });
    },
  };
}
