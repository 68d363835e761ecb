// @ts-check
import { parseArgs } from "node:util";
import { nearest } from "../settings/nearest.mjs";

/** @typedef {Record<string, { type: "string" | "boolean" }>} Options what a command takes, by name */

/**
 * Says what of a command line would not be obeyed, and the nearest that would, or null.
 * @param {string} command what is named in the sentence
 * @param {readonly string[]} args without the command's own name
 * @param {Options} options
 * @returns {string | null}
 */
export function strangeArgument(command, args, options) {
  const names = Object.keys(options);
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  /** @type {Set<string>} */
  const seen = new Set();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional")
      return `${command} takes no "${token.value}".${takes(command, names, nearest(token.value, names))}`;
    if (!Object.hasOwn(options, token.name))
      return `${command} takes no ${token.rawName}.${takes(command, names, nearest(token.name, names))}`;
    if (seen.has(token.name)) return `--${token.name} stands there more than once.`;
    seen.add(token.name);
  }
  return null;
}

/** @param {string} command @param {string[]} names @param {string | undefined} meant */
function takes(command, names, meant) {
  if (meant) return ` Did you mean --${meant}?`;
  return names.length === 0
    ? ` ${command} takes no arguments.`
    : ` It takes ${names.map((name) => `--${name}`).join(", ")}.`;
}
