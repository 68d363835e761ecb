import { JSONPathEnvironment, JSONPathError, type JSONPathQuery } from "json-p3";
import { LruMap } from "@/lib/lru-map";

/** A place in JSON data, from its top: keys, and numbers of list items. */
export type Place = (string | number)[];

/** A path of RFC 9535 without filters, such as `$.patient.name`, `$.children[*].id` or `$..national_id`. */
export type JsonPath = {
  /** As it was written. */
  text: string;
  /** What it is made of, for who follows several at once. */
  steps: PathStep[];
  /** Every place that it leads to, in the order of the data, each once. */
  places(data: unknown): Place[];
  /** What is there, in the same order. */
  values(data: unknown): unknown[];
  /** The same one by one, as far as somebody asks for them; what two parts of the path lead to comes twice. */
  each(data: unknown): Iterable<unknown>;
};

/** From a value to some of its members; `isDeep`: also from everything that is in it (`..`). */
export type PathStep = { isDeep: boolean; selectors: PathSelector[] };
export type PathSelector =
  | { name: string }
  | { index: number }
  | { slice: { start?: number | undefined; stop?: number | undefined; step?: number | undefined } }
  | "*";

/** A path that is none, or does more than is allowed. `message` is a whole sentence for who wrote it. */
export class JsonPathError extends Error {}

/** Longest path, in characters, and most steps in it. */
export const jsonPathLimits = { length: 256, segments: 20 } as const;

/** Data is as deep as messages and states may be; what is deeper was refused before. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 100_000 });
/** The package does not export these classes, and their names do not survive a build. */
const sample = (path: string) => environment.compile(path).segments[0];
const Descendant = sample("$..a")?.constructor as new () => unknown;
const selectorOf = (path: string) => sample(path)?.selectors[0]?.constructor as new () => unknown;
const Filter = selectorOf("$[?@.a]");
const Index = selectorOf("$[0]");
const Slice = selectorOf("$[0:1]");
const Wildcard = selectorOf("$[*]");

const parsed = new LruMap<string, JsonPath>(1_000);

/**
 * Reads a path. People of one project write it and processes of all follow it: what it costs grows with the data and no
 * faster, so filters (with their functions and regular expressions) and a second `..` are refused. Throws `JsonPathError`.
 */
export function parseJsonPath(text: string): JsonPath {
  const known = parsed.get(text);
  if (known) return known;
  const query = compiled(text);
  const path: JsonPath = {
    text,
    steps: query.segments.map((segment) => ({
      isDeep: segment instanceof Descendant,
      selectors: segment.selectors.map(selector),
    })),
    places: (data) => distinct([...query.lazyQuery(data as never)].map(({ location }) => location as Place)),
    values: (data) => path.places(data).map((place) => valueAt(data, place)),
    *each(data) {
      for (const { value } of query.lazyQuery(data as never)) yield value;
    },
  };
  parsed.set(text, path);
  return path;
}

/** What is wrong with a path, a sentence; null when nothing is. */
export function pathProblem(text: string): string | null {
  try {
    parseJsonPath(text);
    return null;
  } catch (error) {
    if (error instanceof JsonPathError) return error.message;
    throw error;
  }
}

type Compiled = { name: string; index: number; start?: number; stop?: number; step?: number };

function selector(compiled: object): PathSelector {
  const { name, index, start, stop, step } = compiled as Compiled;
  if (compiled instanceof Wildcard) return "*";
  if (compiled instanceof Index) return { index };
  return compiled instanceof Slice ? { slice: { start, stop, step } } : { name };
}

function compiled(text: string): JSONPathQuery {
  if (text.length > jsonPathLimits.length)
    throw new JsonPathError(`A path has at most ${jsonPathLimits.length} characters.`);
  const query = parse(text);
  const { segments } = query;
  if (segments.length > jsonPathLimits.segments)
    throw new JsonPathError(`A path has at most ${jsonPathLimits.segments} steps.`);
  if (segments.filter((segment) => segment instanceof Descendant).length > 1)
    throw new JsonPathError(`A path has ".." once at most: ${quoted(text)} has it more often.`);
  if (segments.some(({ selectors }) => selectors.some((selector) => selector instanceof Filter)))
    throw new JsonPathError(`A path has no filter: leave out "[?…]" in ${quoted(text)}.`);
  return query;
}

function parse(text: string): JSONPathQuery {
  try {
    return environment.compile(text);
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    const hint = text.startsWith("$") ? "" : ' It begins with "$", as in $.patient.name.';
    throw new JsonPathError(`${quoted(text)} is not a path: ${error.message}.${hint}`);
  }
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));

/** Unions may name one place twice. */
function distinct(places: Place[]): Place[] {
  const seen = new Set<string>();
  return places.filter((place) => {
    const key = JSON.stringify(place);
    return !seen.has(key) && seen.add(key);
  });
}

/** What stands at a place; undefined where nothing does. */
export function valueAt(data: unknown, place: Place): unknown {
  let value = data;
  for (const step of place) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
