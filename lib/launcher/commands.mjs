// @ts-check
import { strangeArgument } from "./arguments.mjs";
import { report } from "./failure.mjs";

/** @typedef {{ run(name: string, args: string[]): number | void | Promise<number | void> }} Command */

/** @type {Record<string, () => Promise<Command>>} */
const commands = {
  start: () => import("./start.mjs"),
  dev: () => import("./start.mjs"),
  web: () => import("./role.mjs"),
  engine: () => import("./role.mjs"),
  runner: () => import("./role.mjs"),
  build: () => import("./build-command.mjs"),
  admin: () => import("./admin.mjs"),
  test: () => import("./test.mjs"),
  verify: () => import("./test.mjs"),
  bench: () => import("./bench.mjs"),
  chaos: () => import("./chaos.mjs"),
  settings: () => import("./settings-command.mjs"),
};

/** Commands that read their own arguments, or hand them on to who does. The others take none. */
const readers = ["admin", "test", "verify", "bench", "chaos", "settings"];

const usage = `Usage: node lib/launcher/main.mjs <command>

  start     everything: database, inbox, web, engine, runner (npm start)
  dev       the same with hot reload (npm run dev)
  build     install and build only
  admin     create-user, create-project, create-token (npm run -s admin -- …)
  test      every check and test (npm test), verify: the quick ones, bench: the measures
  chaos     load and random faults, then the account (npm run chaos -- --minutes 5)
  settings  prints the tables of settings and limits; --write puts them into README.md
  web | engine | runner     one role, for a deployment on several machines; web is inbox and pages`;

/**
 * Runs one command line. Sets the exit code; never throws.
 * @param {string[]} line
 */
export async function run([name = "start", ...args]) {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    console.error(usage);
    process.exitCode = name === "help" || name === "--help" ? 0 : 1;
    return;
  }
  const strange = readers.includes(name) ? null : strangeArgument(name, args, {});
  if (strange) {
    console.error(`${strange} Settings are variables, such as PORT=3001: see README.md.`);
    process.exitCode = 1;
    return;
  }
  try {
    const command = await load();
    process.exitCode = (await command.run(name, args)) ?? 0;
  } catch (error) {
    process.exitCode = report(error);
  }
}
