// @ts-check
import fs from "node:fs";
import { limitsTable } from "../limits/table.mjs";
import { settingsTable } from "../settings/table.mjs";
import { strangeArgument } from "./arguments.mjs";
import { Failure } from "./failure.mjs";
import { inRoot } from "./paths.mjs";
import { withTables } from "./readme.mjs";

/**
 * `waybill settings`: prints the README's tables of settings and of limits; `--write` puts them into the README.
 * @param {string} _
 * @param {string[]} args
 */
export function run(_, args) {
  const strange = strangeArgument("settings", args, { write: { type: "boolean" } });
  if (strange) throw new Failure(strange);
  if (!args.includes("--write")) return console.log(`${settingsTable()}\n\n${limitsTable()}`);
  const readme = inRoot("README.md");
  fs.writeFileSync(readme, withTables(fs.readFileSync(readme, "utf8")));
}
