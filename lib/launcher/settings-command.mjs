// @ts-check
import fs from "node:fs";
import { settingsTable, withTable } from "../settings/table.mjs";
import { inRoot } from "./paths.mjs";

/**
 * `waybill settings`: prints the README's table of settings; `--write` puts it into the README.
 * @param {string} _
 * @param {string[]} args
 */
export function run(_, args) {
  if (!args.includes("--write")) return console.log(settingsTable());
  const readme = inRoot("README.md");
  fs.writeFileSync(readme, withTable(fs.readFileSync(readme, "utf8")));
}
