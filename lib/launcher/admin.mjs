// @ts-check
import { spawn } from "node:child_process";
import path from "node:path";
import { build, currentBuild } from "./build.mjs";
import { startDatabase } from "./database.mjs";
import { checkSettings, environmentFor, forSpawn, loadDotEnv, readSettings } from "./environment.mjs";
import { install, isInstalled } from "./install.mjs";
import { root } from "./paths.mjs";
import { checkDataDir, checkPlatform } from "./preflight.mjs";
import { migrate, productEnvironment } from "./product.mjs";
import { claimDataDir, liveRun, reapLeftOvers, runFile } from "./run-file.mjs";
import { onStop, stopAll, stopOnSignals } from "./signals.mjs";

/**
 * `npm run -s admin -- …`: an operator's command against the database of a running or a stopped Waybill.
 * @param {string} _
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function run(_, args) {
  loadDotEnv();
  checkSettings();
  stopOnSignals({ code: null });
  const settings = readSettings();
  try {
    checkPlatform();
    checkDataDir(settings.dataDir);
    if (!isInstalled()) await install();
    const buildDir = currentBuild() ?? (await build());
    const env = productEnvironment({ settings });
    const running = liveRun(settings.dataDir);
    if (running) env.PORT = String(running.port);
    // Without a runner at work, nobody should wait for one.
    else if (!process.env.RUNNER_URL) delete env.RUNNER_URL;
    env.DATABASE_URL = settings.databaseUrl ?? running?.databaseUrl ?? (await ownDatabase(settings.dataDir));
    const anyKeys = args[0] === "accept-keys" ? ["--any-keys"] : [];
    await migrate(buildDir, env, { isEmbedded: !settings.databaseUrl, args: anyKeys });
    return await execute(path.join(buildDir, "admin.mjs"), args, environmentFor("web", env));
  } finally {
    await stopAll();
  }
}

/**
 * The data directory's own database, started for as long as the command takes.
 * @param {string} dataDir
 */
async function ownDatabase(dataDir) {
  onStop(claimDataDir(dataDir));
  await reapLeftOvers(dataDir);
  const notes = runFile(dataDir);
  notes.note({});
  onStop(() => notes.remove());
  const database = await startDatabase(dataDir, {
    onChange: (identity) => notes.process("database", identity),
  });
  return database.url;
}

/**
 * @param {string} script
 * @param {string[]} args
 * @param {import("./environment.mjs").Variables} env
 * @returns {Promise<number>} its exit code
 */
const execute = (script, args, env) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      env: forSpawn(env),
      stdio: "inherit",
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
