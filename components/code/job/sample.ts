import { ExactNumber } from "@/lib/exact-json";
import type { Step } from "./member-path";

export type Member = {
  /** As it is written after the value: `.name`, `["post code"]`, `[0]`. */
  written: string;
  key: Step;
  /** What stands there, in few words. */
  detail: string;
};

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const mostMembers = 500;
const mostIndexes = 5;
const longest = 40;

const isBranch = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);

/** Follows a path into a sample; undefined where it leads nowhere. */
export function valueAt(sample: unknown, path: readonly Step[]): unknown {
  let value = sample;
  for (const step of path) {
    if (!isBranch(value) || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** A key as it is written in code after what holds it. */
export const writtenKey = (key: Step): string => {
  if (typeof key === "number") return `[${key}]`;
  return identifier.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
};

/** What can be written after a value of the sample: its keys, or the first of its indexes. */
export function membersOf(value: unknown): Member[] {
  if (!isBranch(value)) return [];
  const keys: Step[] = Array.isArray(value)
    ? Array.from({ length: Math.min(value.length, mostIndexes) }, (_, index) => index)
    : Object.keys(value).slice(0, mostMembers);
  return keys.map((key) => ({ key, written: writtenKey(key), detail: inShort(Reflect.get(value, key)) }));
}

/** A value as the list of completions shows it. */
export function inShort(value: unknown): string {
  if (value instanceof ExactNumber) return value.written;
  if (Array.isArray(value)) return value.length === 1 ? "list of 1" : `list of ${value.length}`;
  if (isBranch(value)) return "object";
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
