import { decimalForm, type ExactJson, ExactNumber, stringifyExact } from "@/lib/exact-json";

/** From a value to one in it: a key, or null for any item of a list. */
export type Step = string | null;

/**
 * One thing that a filter asks of a message. `wanted` is a value to be the same; `{}` and `[]` ask for any object and any
 * list; an object with several keys stands only below an item of a list, where all of them are asked of the same item.
 */
export type Condition = { path: readonly Step[]; wanted: ExactJson };

type Data = { [key: string]: ExactJson };

/** Deeper objects are one condition as a whole: no filter that can be saved is so deep. */
const maxLevels = 60;

/**
 * A filter as its conditions, in its own order: a message contains the filter exactly when it contains what each of
 * them says (`filterOf([condition])`). None for null; the root alone for `{}`, which is in every message.
 */
export const conditionsOf = (filter: ExactJson | null): Condition[] =>
  filter === null ? [] : conditionsAt([], filter);

/** What asks for all of a value at a place. */
export const conditionsAt = (path: readonly Step[], wanted: ExactJson): Condition[] =>
  split(wanted, path, maxLevels);

function split(wanted: ExactJson, path: readonly Step[], levels: number): Condition[] {
  if (isScalar(wanted) || levels === 0) return [{ path, wanted }];
  const isInItem = path.includes(null);
  if (Array.isArray(wanted)) {
    const [only, ...more] = wanted;
    if (only === undefined || (isInItem && more.length > 0)) return [{ path, wanted }];
    return wanted.flatMap((item) => split(item, [...path, null], levels - 1));
  }
  const entries = Object.entries(wanted);
  if (entries.length === 0 || (isInItem && entries.length > 1)) return [{ path, wanted }];
  return entries.flatMap(([key, value]) => split(value, [...path, key], levels - 1));
}

/** The filter that asks for all of these; null for none. */
export function filterOf(conditions: readonly Condition[]): ExactJson | null {
  return conditions.reduce<ExactJson | null>((filter, condition) => merged(filter, written(condition)), null);
}

/** The filter that asks for this alone. */
function written({ path, wanted }: Condition): ExactJson {
  return path.reduceRight<ExactJson>(
    (inner, step) => (step === null ? [inner] : Object.fromEntries([[step, inner]])),
    wanted,
  );
}

/** Both; where they cannot be asked together, the second. */
function merged(one: ExactJson | null | undefined, other: ExactJson): ExactJson {
  if (one === null || one === undefined) return other;
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other];
  if (!isObject(one) || !isObject(other)) return other;
  const pairs = new Map(Object.entries(one));
  for (const [key, value] of Object.entries(other)) pairs.set(key, merged(pairs.get(key), value));
  return Object.fromEntries(pairs);
}

/**
 * The conditions with one more: at its end, or in the place of what it contradicts. What says less than it is left out,
 * and where it is said already nothing changes.
 */
export function withCondition(conditions: readonly Condition[], added: Condition): Condition[] {
  if (conditions.some((one) => isImplied(added, one))) return [...conditions];
  const isReplaced = (one: Condition) => isImplied(one, added) || contradicts(one, added);
  const at = conditions.findIndex(isReplaced);
  const kept = conditions.filter((one) => !isReplaced(one));
  const before = at < 0 ? kept.length : conditions.slice(0, at).filter((one) => !isReplaced(one)).length;
  return [...kept.slice(0, before), added, ...kept.slice(before)];
}

/** Those that could not be asked for together with it: of one key there is one value. */
export const contradicted = (conditions: readonly Condition[], added: Condition): Condition[] =>
  conditions.some((one) => isImplied(added, one))
    ? []
    : conditions.filter((one) => !isImplied(one, added) && contradicts(one, added));

export const isSameCondition = (one: Condition, other: Condition): boolean =>
  isSamePath(one.path, other.path) && isSame(one.wanted, other.wanted);

/** Whether a message with `other` has `one` for certain. */
function isImplied(one: Condition, other: Condition): boolean {
  if (isSameCondition(one, other) || isAnything(one)) return true;
  const next = other.path.slice(one.path.length);
  if (!isPresence(one.wanted) || next.length === 0) return false;
  if (!isSamePath(one.path, other.path.slice(0, one.path.length))) return false;
  return one.path.includes(null) ? false : Array.isArray(one.wanted) === (next[0] === null);
}

function contradicts(one: Condition, other: Condition): boolean {
  const shared = one.path.findIndex((step, at) => step !== other.path[at] || step === null);
  const from = shared < 0 ? one.path.length : shared;
  const [here, there] = [one.path.slice(from), other.path.slice(from)];
  // Different keys of one object, and items of one list, can be asked for together.
  if (here.length > 0 && there.length > 0) return (here[0] === null) !== (there[0] === null);
  return kindAt(here, one.wanted) !== kindAt(there, other.wanted) || here.length === there.length;
}

const kindAt = ([step]: readonly Step[], wanted: ExactJson): "list" | "object" | "value" => {
  if (step !== undefined) return step === null ? "list" : "object";
  return Array.isArray(wanted) ? "list" : isObject(wanted) ? "object" : "value";
};

/** Whether it is in every message. */
export const isAnything = ({ path, wanted }: Condition): boolean =>
  path.length === 0 && isObject(wanted) && isPresence(wanted);

/** Whether it asks only that an object or a list is there. */
export const isPresence = (wanted: ExactJson): boolean =>
  !isScalar(wanted) && (Array.isArray(wanted) ? wanted.length : Object.keys(wanted).length) === 0;

export const isScalar = (value: ExactJson): value is null | boolean | number | string | ExactNumber =>
  typeof value !== "object" || value === null || value instanceof ExactNumber;

const isObject = (value: ExactJson): value is Data => !isScalar(value) && !Array.isArray(value);

const isSamePath = (one: readonly Step[], other: readonly Step[]): boolean =>
  one.length === other.length && one.every((step, at) => step === other[at]);

/** Numbers are the same by their decimals, as matching has it. */
const isSame = (one: ExactJson, other: ExactJson): boolean =>
  isScalar(one) && isScalar(other)
    ? one === other || (decimal(one) !== null && decimal(one) === decimal(other))
    : stringifyExact(one) === stringifyExact(other);

const decimal = (value: ExactJson): string | null =>
  typeof value === "number" || value instanceof ExactNumber ? decimalForm(String(value)) : null;
