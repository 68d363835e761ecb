import { stringify } from "lossless-json";

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
