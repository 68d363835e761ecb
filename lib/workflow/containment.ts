import { decimalForm, type ExactJson, ExactNumber } from "@/lib/exact-json";

/** The first part of a filter that a message does not contain. */
export type Mismatch = {
  /** Keys from the message's root to where it is not as wanted; a list ends it, because any of its items would do. */
  path: string[];
  /** `unknown`: there was too much to compare. */
  why: "missing" | "different" | "no_item" | "unknown";
  /** What the filter wants there; of a list the item that it lacks. */
  wanted: ExactJson;
  /** What stands there, absent when nothing does. */
  came?: ExactJson;
};

/** How many values are compared at most; where a list is to have many objects, each is compared with each. */
const maxCompared = 200_000;

type Work = { left: number };

/**
 * Why `content` does not contain `filter`, null when it does: exactly as jsonb's `content @> filter` decides, and `{}` is
 * in everything, as matching has it (lib/queue/fragments.ts). Both no deeper than jsonb takes them (lib/sql-json.ts).
 */
export function mismatchOf(content: ExactJson, filter: ExactJson): Mismatch | null {
  if (isObject(filter) && Object.keys(filter).length === 0) return null;
  const work: Work = { left: maxCompared };
  // Only a whole message that is a list contains its items by themselves.
  if (Array.isArray(content) && isScalar(filter)) return itemMismatch(content, [filter], [], work);
  return mismatchAt(content, filter, [], work);
}

function mismatchAt(came: ExactJson, wanted: ExactJson, path: string[], work: Work): Mismatch | null {
  work.left -= 1;
  if (work.left < 0) return { path, why: "unknown", wanted, came };
  const different: Mismatch = { path, why: "different", wanted, came };
  if (isScalar(wanted)) return isScalar(came) && isSame(came, wanted) ? null : different;
  if (Array.isArray(wanted)) return Array.isArray(came) ? itemMismatch(came, wanted, path, work) : different;
  if (!isObject(came)) return different;
  for (const [key, value] of Object.entries(wanted)) {
    const below = [...path, key];
    const there = Object.hasOwn(came, key) ? came[key] : undefined;
    if (there === undefined) return { path: below, why: "missing", wanted: value };
    const mismatch = mismatchAt(there, value, below, work);
    if (mismatch) return mismatch;
  }
  return null;
}

/** The first item of `wanted` that no item of `came` is, or contains. */
function itemMismatch(came: ExactJson[], wanted: ExactJson[], path: string[], work: Work): Mismatch | null {
  for (const item of wanted) {
    const isThere = isScalar(item)
      ? came.some((one) => isScalar(one) && isSame(one, item))
      : came.some((one) => !isScalar(one) && mismatchAt(one, item, path, work) === null);
    if (work.left < 0) return { path, why: "unknown", wanted: item, came };
    if (!isThere) return { path, why: "no_item", wanted: item, came };
  }
  return null;
}

type Scalar = null | boolean | number | string | ExactNumber;

const isScalar = (value: ExactJson): value is Scalar =>
  typeof value !== "object" || value === null || value instanceof ExactNumber;

const isObject = (value: ExactJson): value is { [key: string]: ExactJson } =>
  !isScalar(value) && !Array.isArray(value);

/** Numbers are the same by their decimals, however they are written. */
function isSame(one: Scalar, other: Scalar): boolean {
  if (one === other) return true;
  if (!(one instanceof ExactNumber || other instanceof ExactNumber)) return false;
  return isNumber(one) && isNumber(other) && decimalForm(String(one)) === decimalForm(String(other));
}

const isNumber = (value: Scalar): boolean => typeof value === "number" || value instanceof ExactNumber;
