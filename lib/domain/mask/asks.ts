import { type ExactJson, ExactNumber } from "@/lib/exact-json";
import type { JsonPath, PathSelector, PathStep } from "@/lib/json-path";
import { maskedPlaces } from "./places";

/**
 * Whether a filter names what is masked: how it fared would say what stands there. A list of a filter asks for items
 * wherever they stand in the message's, so each is taken for all of them.
 */
export function asksForMasked(filter: ExactJson | null, paths: readonly JsonPath[]): boolean {
  if (filter === null) return false;
  // Of a list that is the whole message a filter may name an item as it is.
  const roots = isBranch(filter) ? [filter] : [filter, [filter]];
  return (
    maskedPlaces({ data: filter }, paths).length > 0 ||
    roots.some((root) => paths.some(({ steps }) => reaches(root, steps) || reaches({ data: root }, steps)))
  );
}

function reaches(value: ExactJson, [step, ...rest]: readonly PathStep[]): boolean {
  if (!step) return true;
  if (!isBranch(value)) return false;
  const children = Array.isArray(value)
    ? step.selectors.some(isOfLists)
      ? value
      : []
    : Object.entries(value).flatMap(([key, child]) =>
        step.selectors.some((selector) => isOfKey(selector, key)) ? [child] : [],
      );
  return (
    children.some((child) => reaches(child, rest)) ||
    (step.isDeep && Object.values(value).some((child) => reaches(child, [step, ...rest])))
  );
}

const isOfLists = (selector: PathSelector): boolean => selector === "*" || !("name" in selector);
const isOfKey = (selector: PathSelector, key: string): boolean =>
  selector === "*" || ("name" in selector && selector.name === key);

const isBranch = (value: ExactJson): value is ExactJson[] | { [key: string]: ExactJson } =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);
