import { parse } from "lossless-json";
import { ExactNumber } from "./exact-number";

export { ExactNumber, stringifyExact } from "./exact-number";

/** JSON data in which no number has lost a digit. */
export type ExactJson =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | ExactJson[]
  | { [key: string]: ExactJson };

/**
 * Fifteen significant digits and small exponents are always kept. A number begins the text or follows one of `:,[`; texts
 * may look like that, which costs time only.
 */
const mayChange = /(?:^|[:,[])\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Like `JSON.parse`, but numbers that it would change are `ExactNumber`. Throws SyntaxError. */
export function parseExact(text: string): ExactJson {
  if (!mayChange.test(text)) return JSON.parse(text);
  return parse(text, null, {
    parseNumber: exactNumber,
    onDuplicateKey: ({ newValue }) => newValue,
  }) as ExactJson;
}

/** A number as it is written, as JavaScript's where that is the same one. */
export function exactNumber(written: string): number | ExactNumber {
  const value = Number(written);
  return sameDecimal(written, String(value)) ? value : new ExactNumber(written);
}

/** Data with JavaScript's numbers, but for what stands under the keys named. */
export function plainNumbers(value: unknown, except: ReadonlySet<string> = new Set()): unknown {
  if (value instanceof ExactNumber) return value.toJSON();
  if (Array.isArray(value)) return value.map((one) => plainNumbers(one, except));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, except.has(key) ? one : plainNumbers(one, except)]),
  );
}

const sameDecimal = (one: string, other: string): boolean => decimalForm(one) === decimalForm(other);

/** A number's digits and power of ten, in one form for all spellings of it. */
export function decimalForm(written: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written);
  if (!match) return written;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  if (kept === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - kept.length);
  return `${sign}${kept}e${power}`;
}
