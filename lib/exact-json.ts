import { parse, stringify } from "lossless-json";

/** What makes it one in every bundle of a process: the server's and Next's each have a class of their own. */
const mark = Symbol.for("waybill.exact-number");

/** A number as it is written, where JavaScript's own would be another one. To whoever does not know it, it is that one. */
export class ExactNumber {
  readonly [mark] = true;

  constructor(readonly written: string) {}

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && mark in value;
  }

  /** What JavaScript makes of it, and so what a job gets. */
  toJSON(): number {
    return Number(this.written);
  }

  toString(): string {
    return this.written;
  }
}

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

const writers = [{ test: (value: unknown) => value instanceof ExactNumber, stringify: String }];

/** Like `JSON.stringify` of data, with every number as it was written. */
export const stringifyExact = (value: unknown, space?: number): string =>
  (hasExact(value) ? stringify(value, undefined, space, writers) : JSON.stringify(value, undefined, space)) ??
  "null";

/** Whether there is a number anywhere that JavaScript would change. The usual answer is no, and `JSON` is ten times as fast. */
function hasExact(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "bigint";
  if (value instanceof ExactNumber) return true;
  return Array.isArray(value) ? value.some(hasExact) : Object.values(value).some(hasExact);
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
