import { ExactNumber } from "@/lib/exact-json";
import { type JsonPath, type Place, valueAt } from "@/lib/json-path";
import { masked, minChars } from "./hidden-texts";

type Data = Record<string, unknown>;

const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/** What a path is tried on in a state, and how a place there is called in the state. */
function rootsOf(state: unknown): { root: unknown; place: (inner: Place) => Place }[] {
  if (!isObject(state)) return [{ root: state, place: (inner) => inner }];
  const { data, request, references } = state;
  const roots = [{ root: state as unknown, place: (inner: Place) => inner }];
  const below = (root: unknown, ...start: Place) =>
    roots.push({ root, place: (inner) => [...start, ...inner] });
  below(data, "data");
  // What a job fetched before is put behind by the next one.
  if (Array.isArray(references)) references.forEach((one, n) => void below(one, "references", n));
  if (isObject(request)) {
    const { headers, query_params: query, path } = request;
    roots.push({
      root: { headers, query, path },
      place: ([first, ...inner]) => ["request", first === "query" ? "query_params" : (first ?? ""), ...inner],
    });
  }
  return roots;
}

/**
 * Where the paths lead in a state (`{data, request, …}`): from its top, from its `data`, from each of its `references`, and
 * as `$.headers` and `$.query` to its request's. A `data` that is a text has no structure that a path could follow: it is
 * meant whole.
 */
export function maskedPlaces(state: unknown, paths: readonly JsonPath[]): Place[] {
  const places = rootsOf(state).flatMap(({ root, place }) =>
    typeof root !== "object" || root === null
      ? []
      : paths.flatMap((path) => path.places(root).map((inner) => place(inner))),
  );
  return isObject(state) && typeof state.data === "string" ? [...places, ["data"]] : places;
}

/** The texts and numbers at the places, to be hidden wherever else they stand. */
export function valuesAt(state: unknown, places: readonly Place[]): string[] {
  const found: string[] = [];
  for (const place of places) collect(valueAt(state, place), found);
  const text = isObject(state) && typeof state.data === "string" ? state.data : "";
  // Fields of CSV, HL7 and the like.
  return text === "" ? found : [...found, ...text.split(/[\n\r,;|^~\t]/)];
}

function collect(top: unknown, found: string[]): void {
  const open = [top];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string") found.push(value);
    else if (typeof value === "number") found.push(String(value));
    else if (value instanceof ExactNumber) found.push(value.written, String(Number(value.written)));
    else if (Array.isArray(value)) for (const one of value) open.push(one);
    else if (isObject(value))
      for (const [key, one] of Object.entries(value)) {
        // What no field is called.
        if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) && key.length >= minChars) found.push(key);
        open.push(one);
      }
  }
}

/** Masks what stands at the places, in the data itself. Returns it. */
export function maskPlaces(data: unknown, places: readonly Place[]): unknown {
  let top = data;
  for (const place of places) {
    const last = place.at(-1);
    if (last === undefined) top = masked;
    const holder = valueAt(top, place.slice(0, -1));
    if (last === undefined || typeof holder !== "object" || holder === null || !Object.hasOwn(holder, last))
      continue;
    (holder as Record<string | number, unknown>)[last] = masked;
  }
  return top;
}
