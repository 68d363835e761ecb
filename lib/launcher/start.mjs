// @ts-check
import path from "node:path";
import { tidyAtRest } from "../processes/tidy.mjs";
import { build } from "./build.mjs";
import { startDev } from "./dev.mjs";
import { checkSettings, loadDotEnv, readSettings } from "./environment.mjs";
import { install } from "./install.mjs";
import { mailLines, mailPageKey } from "./mail-page.mjs";
import { root } from "./paths.mjs";
import { checkDataDir, checkOneRunner, checkPlatform, checkPort, checkSpace } from "./preflight.mjs";
import { reachable, startProduct } from "./product.mjs";
import { claimDataDir, reapLeftOvers, runFile } from "./run-file.mjs";
import { nowServing, onStop, stopAll, stopOnSignals } from "./signals.mjs";

/** @typedef {import("./environment.mjs").Settings} Settings */
/** @typedef {import("./run-file.mjs").Notes} Notes */
/** @typedef {import("./product.mjs").Roles} Roles */

/**
 * `npm start` and `npm run dev`: everything, until it is told to stop.
 * @param {string} name
 * @returns {Promise<never>}
 */
export async function run(name) {
  const settings = checkStart();
  /** @type {Partial<Roles>} */
  const roles = {};
  stopOnSignals({
    say: () => console.error("Stopping …"),
    force: () => {
      for (const [role, process] of Object.entries(roles))
        process?.kill(role === "database" ? "SIGINT" : "SIGKILL");
    },
  });
  try {
    const notes = await takePossession(settings);
    await install();
    const start = name === "dev" ? startDev : startBuilt;
    Object.assign(roles, await start({ settings, notes }));
    const url = `http://${reachable(settings.host)}:${settings.port}`;
    nowServing();
    tidyAtRest();
    notes.note({ url, readyAt: new Date().toISOString() });
    console.log(block({ url, settings, isDev: name === "dev" }));
    // The supervised processes keep the launcher alive; this resolves never.
    return await new Promise(() => {});
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Refuses settings that would not be obeyed. */
export function checkStart() {
  loadDotEnv();
  checkSettings();
  checkOneRunner();
  return readSettings();
}

/**
 * Everything that can be refused before time is spent, then the data directory's lock.
 * @param {Settings} settings
 * @returns {Promise<Notes>}
 */
export async function takePossession(settings) {
  checkPlatform();
  checkDataDir(settings.dataDir);
  checkSpace(settings.dataDir, "run");
  onStop(claimDataDir(settings.dataDir));
  await reapLeftOvers(settings.dataDir);
  settings.port = await checkPort(settings.host, settings.port);
  const notes = runFile(settings.dataDir);
  notes.note({ port: settings.port });
  onStop(() => notes.remove());
  return notes;
}

/** @param {{ settings: Settings, notes: Notes }} own */
const startBuilt = async ({ settings, notes }) => startProduct({ settings, notes, buildDir: await build() });

/** @param {{ url: string, settings: Settings, isDev: boolean }} shown */
function block({ url, settings, isDev }) {
  const near = path.relative(root, settings.dataDir);
  const data = near.startsWith("..") ? settings.dataDir : near;
  const where = settings.databaseUrl ? `${data} and the database of DATABASE_URL` : data;
  return `
  Waybill   ${url}${isDev ? "  (development)" : ""}
${mailLines(url, mailPageKey(settings.dataDir))}  Data      ${where}
  Stop      Ctrl-C
`;
}
