import { opensMore, rewriteJson } from "./json-text";
import { withoutNul } from "./text";

/** What jsonb may refuse: NUL and halves of surrogate pairs, and numbers that `numeric` may not hold. */
const suspicious = /\\u(0000|d[89a-f])|[\ud800-\udfff]|[eE][+-]?\d{4}|(?<!\d)\d{1000}/iu;
/** PostgreSQL reads jsonb by recursion and gives up at some thousand levels. */
const maxLevels = 500;
const maxExponentDigits = 4;
const maxNumberChars = 10_000;

/**
 * JSON text that jsonb takes, for whatever a value holds: the only way in which one is written to such a column. For
 * JSON text that is there already, see `sqlJsonText`.
 */
export const sqlJson = (value: unknown): string => sqlJsonText(jsonOf(value) ?? "null");

/** `JSON.stringify` needs a stack as deep as what it is given. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify(shallow(value, maxLevels));
  }
}

function shallow(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return "…";
  if (Array.isArray(value)) return value.map((item) => shallow(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shallow(item, levels - 1)]));
}

/**
 * JSON text as jsonb takes it, for matching and showing; what is handed on is the text itself. Characters that PostgreSQL
 * cannot hold become U+FFFD, in keys, too; numbers beyond its `numeric` become text, what is nested deeper than 500
 * levels becomes "…". All else stays as it is written, exact decimals included. The text must be valid JSON.
 */
export function sqlJsonText(text: string): string {
  const flat = cutBelow(text, maxLevels);
  if (!suspicious.test(flat)) return flat;
  return rewriteJson(flat, {
    string(value) {
      const clean = withoutNul(value);
      return clean === value ? undefined : clean;
    },
    scalar: (written) => (isNumeric(written) ? undefined : JSON.stringify(written.slice(0, maxNumberChars))),
  });
}

function isNumeric(written: string): boolean {
  const exponent = /[eE][+-]?0*(\d*)$/.exec(written)?.[1] ?? "";
  return exponent.length <= maxExponentDigits && written.length <= maxNumberChars;
}

/** Replaces arrays and objects below so many levels. Counts brackets outside strings; needs no stack of its own. */
function cutBelow(text: string, levels: number): string {
  if (!opensMore(text, levels)) return text;
  let out = "";
  let copied = 0;
  let depth = 0;
  let cutAt = -1;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (isInString) {
      if (c === 92) at += 1;
      else if (c === 34) isInString = false;
    } else if (c === 34) isInString = true;
    else if (c === 91 || c === 123) {
      depth += 1;
      if (depth === levels + 1) cutAt = at;
    } else if (c === 93 || c === 125) {
      depth -= 1;
      if (depth !== levels || cutAt < 0) continue;
      out += `${text.slice(copied, cutAt)}"…"`;
      copied = at + 1;
      cutAt = -1;
    }
  }
  return out + text.slice(copied);
}
