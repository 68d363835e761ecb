import { type Field, nestFields } from "@/lib/body/fields";
import type { Json } from "@/lib/workflow/types";
import { type Mark, saysNothing } from "./marks";

/** What the paths say of nested fields; undefined when they lead nowhere. */
export type Look = (nested: Json) => Mark | undefined;

/** Of how many different names of fields that others hide it is asked what the paths say; of more, all of them go. */
const maxHiddenNames = 1_000;

const everything: Mark = { isWhole: true, inner: new Map() };

/**
 * Which fields, by their numbers, the marked places are in, with what is marked of each. Below a place that is whole each
 * field is one by itself: forms have no place for a value of several. A field that a later one of its name hides is
 * looked at alone.
 */
export function markedFields(fields: readonly Field[], look: Look): Map<number, Mark> {
  const found = new Map<number, Mark>();
  const seen = new Set<number>();
  const { value: numbers } = nestFields(fields.map(([name], number): Field => [name, number]));
  const visit = (at: Json, mark: Mark | undefined) => {
    if (typeof at === "number") {
      seen.add(at);
      if (mark && (mark.isWhole || mark.inner.size > 0)) found.set(at, mark);
    } else if (typeof at === "object" && at !== null)
      for (const [step, inner] of Object.entries(at))
        visit(inner, mark?.isWhole ? mark : mark?.inner.get(Array.isArray(at) ? Number(step) : step));
  };
  visit(numbers, look(nestFields(fields).value));
  const verdicts = new Map<string, boolean>();
  for (const [number, field] of fields.entries()) {
    const [name, value] = field;
    if (seen.has(number) || saysNothing(value)) continue;
    const known = typeof value === "string" ? verdicts.get(name) : undefined;
    const isMarked =
      known ?? (verdicts.size >= maxHiddenNames || look(nestFields([field]).value) !== undefined);
    if (typeof value === "string") verdicts.set(name, isMarked);
    if (isMarked) found.set(number, everything);
  }
  for (const number of found.keys()) if (saysNothing(fields[number]?.[1])) found.delete(number);
  return found;
}
