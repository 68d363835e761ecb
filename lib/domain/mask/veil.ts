import { parseExact, stringifyExact } from "@/lib/exact-json";
import type { JsonPath } from "@/lib/json-path";
import { rewriteJson } from "@/lib/json-text";
import { everything, type HiddenTexts, hiddenTexts, masked, nothing } from "./hidden-texts";
import { maskedPlaces, maskPlaces, valuesAt } from "./places";

/** How one message, or work order without one, and all that was done with it is shown to a role. */
export type Veil = {
  /** Nothing of it is masked: it is revealed. */
  isOpen: boolean;
  /** A line, an error, a name. */
  text(value: string): string;
  textOrNull(value: string | null): string | null;
  /** A key by which things are ordered: also when it is nothing but a short value. */
  key(value: string | null): string | null;
  /** JSON text of a state, or of a message as the state that it gives a run. */
  state(json: string): string;
  /** JSON data that holds texts and is no state, such as what an error says besides. */
  data<T>(value: T): T;
};

/** Shows everything. */
export const openVeil: Veil = {
  isOpen: true,
  text: (value) => value,
  textOrNull: (value) => value,
  key: (value) => value,
  state: (json) => json,
  data: (value) => value,
};

/** A veil over what holds these texts, and over what stands at the paths. */
export function veilOf(paths: readonly JsonPath[], hidden: HiddenTexts): Veil {
  const text = (value: string) => hidden.text(value);
  const byValue = (json: string): string =>
    hidden === nothing
      ? json
      : rewriteJson(json, {
          string: (value) => {
            const shown = text(value);
            return shown === value ? undefined : shown;
          },
          scalar: (written) =>
            /^-?\d{4,}|\d\.\d/.test(written) && hidden.has(written) ? JSON.stringify(masked) : undefined,
        });
  return {
    isOpen: false,
    text,
    textOrNull: (value) => (value === null ? null : text(value)),
    key: (value) => (value === null ? null : hidden.has(value) ? masked : text(value)),
    state: (json) => (hidden === everything ? JSON.stringify(masked) : byValue(withoutPlaces(json, paths))),
    data: <T>(value: T): T => {
      if (value === undefined || value === null || hidden === nothing) return value;
      if (hidden === everything) return masked as T;
      return JSON.parse(byValue(JSON.stringify(value))) as T;
    },
  };
}

function withoutPlaces(json: string, paths: readonly JsonPath[]): string {
  try {
    const data = parseExact(json);
    const places = maskedPlaces(data, paths);
    return places.length === 0 ? json : stringifyExact(maskPlaces(data, places));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return JSON.stringify(masked);
  }
}

/** The texts that states hold where the paths lead. Throws for what is not JSON. */
export function hiddenIn(states: Iterable<string>, paths: readonly JsonPath[]): HiddenTexts {
  const values: string[] = [];
  for (const json of states) {
    const data = parseExact(json);
    for (const value of valuesAt(data, maskedPlaces(data, paths))) values.push(value);
  }
  return hiddenTexts(values);
}
