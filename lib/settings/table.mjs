// @ts-check
import { declared } from "./settings.mjs";

/** @typedef {import("./settings.mjs").Setting} Setting */

/** @param {Setting} setting */
function shownDefault({ shownDefault, default: value }) {
  if (shownDefault !== undefined) return shownDefault;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "none";
  return `\`${typeof value === "boolean" ? Number(value) : value}\``;
}

/** The README's table of settings. @returns {string} */
export function settingsTable() {
  /** @type {{ names: string[], defaults: string[], meaning: string }[]} */
  const lines = [];
  for (const [name, setting] of declared) {
    if (setting.isInternal) continue;
    if (setting.meaning) lines.push({ names: [], defaults: [], meaning: setting.meaning });
    const line = lines.at(-1);
    line?.names.push(`\`${name}\``);
    line?.defaults.push(shownDefault(setting));
  }
  const rows = lines.map(({ names, defaults, meaning }) => {
    const isSame = defaults.every((one) => one === defaults[0] || one === "none");
    return `| ${names.join(", ")} | ${isSame ? defaults[0] : defaults.join(", ")} | ${meaning} |`;
  });
  return ["| Variable | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
}
