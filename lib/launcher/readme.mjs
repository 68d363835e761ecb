// @ts-check
import { limitsTable } from "../limits/table.mjs";
import { settingsTable } from "../settings/table.mjs";

const places = [
  {
    begin: "<!-- settings: written by npm run format from lib/settings/settings.mjs -->",
    end: "<!-- end of settings -->",
    table: settingsTable,
  },
  {
    begin: "<!-- limits: written by npm run format from lib/limits/limits.mjs -->",
    end: "<!-- end of limits -->",
    table: limitsTable,
  },
];

/**
 * A document with the tables between their marks as the declarations have them. Throws when marks are missing.
 * @param {string} document
 * @returns {string}
 */
export function withTables(document) {
  return places.reduce((text, { begin, end, table }) => {
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`The README has no "${begin}" … "${end}".`);
    return `${text.slice(0, from + begin.length)}\n${table()}\n${text.slice(to)}`;
  }, document);
}
