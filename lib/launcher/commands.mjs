// @ts-check
import fs from "node:fs";
import { cliCommands } from "../cli/names.mjs";
import { nearest } from "../settings/nearest.mjs";
import { strangeArgument } from "./arguments.mjs";
import { report } from "./failure.mjs";
import { inRoot } from "./paths.mjs";

/** @typedef {{ run(name: string, args: string[]): number | void | Promise<number | void> }} Command */

/** @type {Record<string, () => Promise<Command>>} */
const commands = {
  start: () => import("./start.mjs"),
  dev: () => import("./start.mjs"),
  web: () => import("./role.mjs"),
  engine: () => import("./role.mjs"),
  runner: () => import("./role.mjs"),
  prepare: () => import("./prepare.mjs"),
  build: () => import("./build-command.mjs"),
  admin: () => import("./admin.mjs"),
  check: () => import("./test.mjs"),
  verify: () => import("./test.mjs"),
  bench: () => import("./bench.mjs"),
  chaos: () => import("./chaos.mjs"),
  settings: () => import("./settings-command.mjs"),
};

/** Commands that read their own arguments, or hand them on to who does. The others take none. */
const readers = ["prepare", "admin", "check", "verify", "bench", "chaos", "settings"];

const usage = `Usage: waybill <command>

Projects as code, from any folder, with a server that is somewhere (waybill <command> --help):

${Object.entries(cliCommands)
  .map(([name, summary]) => `  ${name.padEnd(9)} ${summary}`)
  .join("\n")}

The product itself, in its clone:

  start     everything: database, inbox, web, engine, runner (npm start)
  dev       the same with hot reload (npm run dev)
  build     install and build only
  admin     create-user, create-project, create-token (npm run -s admin -- …)
  check     every check and test (npm test), verify: the quick ones, bench: the measures
  chaos     load and random faults, then the account (npm run chaos -- --minutes 5)
  settings  prints the tables of settings and limits; --write puts them into README.md
  web | engine | runner     one role, for a deployment on several machines; web is inbox and pages`;

/**
 * Runs one command line. Sets the exit code; never throws.
 * @param {string[]} line
 */
export async function run([name = "start", ...args]) {
  if (name === "--version") return console.log(version());
  if (Object.hasOwn(cliCommands, name)) return end(async () => (await import("./cli.mjs")).run(name, args));
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    const isAsked = name === "help" || name === "--help" || name === "-h";
    const meant = isAsked
      ? undefined
      : nearest(name, [...Object.keys(cliCommands), ...Object.keys(commands)]);
    if (!isAsked) console.error(`There is no command "${name}".${meant ? ` Did you mean ${meant}?` : ""}\n`);
    (isAsked ? console.log : console.error)(usage);
    process.exitCode = isAsked ? 0 : 1;
    return;
  }
  const strange = readers.includes(name) ? null : strangeArgument(name, args, {});
  if (strange) {
    console.error(`${strange} Settings are variables, such as PORT=3001: see README.md.`);
    process.exitCode = 1;
    return;
  }
  await end(async () => (await load()).run(name, args));
}

/** @param {() => Promise<number | void>} act */
async function end(act) {
  try {
    process.exitCode = (await act()) ?? 0;
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** @returns {string} */
const version = () => JSON.parse(fs.readFileSync(inRoot("package.json"), "utf8")).version;
