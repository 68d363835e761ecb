// @ts-check
import { declared } from "./limits.mjs";

/** @typedef {import("./limits.mjs").Limit} Limit */

/** The README's table of limits: a line for each thing that has any. @returns {string} */
export function limitsTable() {
  /** @type {Map<string, Limit[]>} */
  const byOwner = new Map();
  for (const limit of Object.values(declared))
    byOwner.set(limit.of, [...(byOwner.get(limit.of) ?? []), limit]);
  const rows = [...byOwner].map(([of, own]) => {
    const most = own.map(({ value, unit }) => `${value.toLocaleString("en-US")} ${unit}`);
    const doors = new Set(own.map(({ at }) => at));
    return `| ${of} | ${most.join(", ")} | ${[...doors].join("; ")} |`;
  });
  return ["| | At most | More is refused at |", "|---|---|---|", ...rows].join("\n");
}
