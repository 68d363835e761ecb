// @ts-check
import { tidyAtRest } from "../processes/tidy.mjs";
import { build } from "./build.mjs";
import { checkSettings, loadDotEnv, readSettings } from "./environment.mjs";
import { Failure } from "./failure.mjs";
import { install } from "./install.mjs";
import { mailLines } from "./mail-page.mjs";
import { checkDataDir, checkOneRunner, checkPlatform, checkPort, checkSpace } from "./preflight.mjs";
import { migrate, productEnvironment, reachable, startDoor, startRole } from "./product.mjs";
import { nowServing, stopAll, stopOnSignals } from "./signals.mjs";

/** What can be started alone. @typedef {Exclude<import("./environment.mjs").Role, "inbox">} Role */

/**
 * What a role needs from its environment when it runs without the others.
 * @type {Record<Role, import("../settings/settings.mjs").Name[]>}
 */
const needs = {
  web: ["DATABASE_URL", "SECRET_KEY"],
  engine: ["DATABASE_URL", "SECRET_KEY"],
  runner: ["RUNNER_URL", "RUNNER_TOKEN"],
};

/** @param {string} name @returns {name is Role} */
export const isRole = (name) => Object.hasOwn(needs, name);

/**
 * `waybill web`, `engine` or `runner`: one role, for a deployment on several machines. `web` is what serves HTTP: the
 * inbox at the door and the pages behind it.
 * @param {string} role
 * @returns {Promise<never>}
 */
export async function run(role) {
  if (!isRole(role)) throw new Failure(`There is no role "${role}".`);
  const settings = checkSettingsOf(role);
  /** @type {import("./supervise.mjs").Supervised[]} */
  const started = [];
  stopOnSignals({
    say: () => console.error("Stopping …"),
    force: () => {
      for (const one of started) one.kill();
    },
  });
  try {
    await checkMachine(role, settings);
    await install();
    const buildDir = await build();
    const env = productEnvironment({ settings });
    if (role !== "runner") await migrate(buildDir, env);
    const common = { buildDir, env };
    started.push(...(role === "web" ? Object.values(startDoor(common)) : [startRole(role, common)]));
    await Promise.all(started.map((one) => one.ready));
    nowServing();
    tidyAtRest();
    const url = `http://${reachable(settings.host)}:${settings.port}`;
    console.log(`Waybill's ${role} runs${role === "web" ? ` on ${url}` : ""}. Stop it with Ctrl-C.`);
    if (role === "web" && env.MAIL_PAGE) console.log(mailLines(url, env.MAIL_PAGE).trimEnd());
    // Supervised, it runs until it is told to stop, or until starting it again is of no use.
    throw await Promise.race(started.map((one) => one.givenUp));
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** @param {Role} role */
function checkSettingsOf(role) {
  loadDotEnv();
  checkSettings();
  if (role === "runner") checkOneRunner();
  const missing = needs[role].filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new Failure(
      `The ${role} on its own needs ${missing.join(" and ")} in its environment: the same values as the other roles have. README lists them.`,
    );
  return readSettings();
}

/** @param {Role} role @param {import("./environment.mjs").Settings} settings */
async function checkMachine(role, settings) {
  checkPlatform();
  checkDataDir(settings.dataDir);
  checkSpace(settings.dataDir, "run");
  if (role === "web") settings.port = await checkPort(settings.host, settings.port);
}

/**
 * Everything that can be refused before time is spent.
 * @param {Role} role
 */
export const checkRole = (role) => checkMachine(role, checkSettingsOf(role));
