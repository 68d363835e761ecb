import { nearest } from "@/lib/settings/nearest.mjs";
import type { Option, Options, Positional } from "./command";
import { exitCodes } from "./exit-codes";
import { CliFailure } from "./failure";

export type Parsed = {
  values: Record<string, boolean | string | number | string[] | undefined>;
  positionals: string[];
};

type Line = { name: string; options: Options; positionals?: readonly Positional[] };

/** Options that people give to other programs, and where the thing belongs here. */
const secrets = ["api-key", "apikey", "pat", "token", "password"];

/**
 * Reads a command line after its command's name: `--name value`, `--name=value`, `-n value`, `-nvalue`, `--no-flag`, lists up
 * to the next option, and `--`. Throws `CliFailure` for what would not be obeyed, with the nearest that would.
 */
export function parseLine(args: readonly string[], { name, options, positionals = [] }: Line): Parsed {
  const values: Parsed["values"] = {};
  for (const [key, option] of Object.entries(options)) values[key] = absent(option);
  const found: string[] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      found.push(...rest);
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      found.push(word);
      continue;
    }
    const { key, option, written, inline } = optionIn(word, options, name);
    if (option.type === "boolean") values[key] = flagIn(written, inline);
    else values[key] = valueIn({ written, inline, rest, option });
  }
  const most = positionals.at(-1)?.variadic ? Number.POSITIVE_INFINITY : positionals.length;
  if (found.length > most) throw wrong(`${name} takes no "${found[most]}".`, name);
  return { values, positionals: found };
}

/** Throws `CliFailure` when a positional that has to be there is missing. */
export function checkPositionals(found: readonly string[], line: Line): void {
  const missing = (line.positionals ?? []).find(({ required }, i) => required && found[i] === undefined);
  if (missing) throw wrong(`${line.name} needs <${missing.name}>: ${missing.description}.`, line.name);
}

const wrong = (message: string, name: string) =>
  new CliFailure(message, { exitCode: exitCodes.failed, next: `See: waybill ${name} --help` });

function absent(option: Option): Parsed["values"][string] {
  if (option.type === "boolean") return false;
  if (option.type === "array") return [];
  return option.default;
}

type Named = { key: string; option: Option; written: string; inline: string | undefined };

function optionIn(word: string, options: Options, command: string): Named {
  const isShort = !word.startsWith("--");
  const equals = word.indexOf("=");
  const written = isShort ? word.slice(0, 2) : equals < 0 ? word : word.slice(0, equals);
  const rest = isShort ? word.slice(2).replace(/^=/, "") : word.slice(equals + 1);
  const inline = written.length === word.length ? undefined : rest;
  const asked = kebab(written.replace(/^--?/, ""));
  for (const [key, option] of Object.entries(options))
    if (key === asked || option.alias?.includes(asked)) return { key, option, written, inline };
  const positive = Object.entries(options).find(
    ([key, option]) => option.type === "boolean" && `no-${key}` === asked,
  );
  if (positive && inline === undefined)
    return { key: positive[0], option: positive[1], written, inline: "false" };
  if (secrets.includes(asked))
    throw new CliFailure(
      `${written} is not taken: what stands on a command line can be read by every program of the machine.`,
      {
        exitCode: exitCodes.failed,
        next: "Give the token as WAYBILL_API_KEY, in the config file (apiKey), or run `waybill login`.",
      },
    );
  const meant = isShort ? undefined : nearest(asked, Object.keys(options));
  throw wrong(`${command} takes no ${written}.${meant ? ` Did you mean --${meant}?` : ""}`, command);
}

/** `projectPath` is `project-path`, as with OpenFn's command line. */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function flagIn(written: string, inline: string | undefined): boolean {
  if (inline === undefined || inline === "true") return true;
  if (inline === "false") return false;
  throw new CliFailure(`${written} takes no value but true and false.`, { exitCode: exitCodes.failed });
}

type Value = { written: string; inline: string | undefined; rest: string[]; option: Option };

function valueIn({ written, inline, rest, option }: Value): string | number | string[] {
  if (option.type === "array") {
    const list = inline === undefined ? [] : [inline];
    while (rest[0] !== undefined && !rest[0].startsWith("-")) list.push(rest.shift() ?? "");
    if (list.length === 0) throw needsValue(written);
    return list;
  }
  const value = inline ?? rest.shift();
  if (value === undefined || value === "") throw needsValue(written);
  if (option.type === "number") {
    if (!/^\d{1,15}(\.\d+)?$/.test(value))
      throw new CliFailure(`${written} takes a number, not "${value}".`, { exitCode: exitCodes.failed });
    return Number(value);
  }
  if (option.type === "string" && option.choices && !option.choices.includes(value))
    throw new CliFailure(`${written} takes ${option.choices.join(", ")}, not "${value}".`, {
      exitCode: exitCodes.failed,
    });
  return value;
}

const needsValue = (written: string) =>
  new CliFailure(`${written} needs a value.`, { exitCode: exitCodes.failed });
