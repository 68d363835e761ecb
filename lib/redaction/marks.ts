import type { JsonPath, PathSelector } from "@/lib/json-path";
import { LruMap } from "@/lib/lru-map";

/** Places in data as a tree: `isWhole` where a path ends, `inner` the members that paths lead into. */
export type Mark = { isWhole: boolean; inner: Map<string | number, Mark> };

/** Places that paths lead to, and the paths that lead somewhere, by their numbers. */
export type Marks = { root: Mark; used: Set<number> };

/** Following the paths takes more than any message may. */
export class TooManyWays extends Error {}

/** Steps that are thought about, of all paths and members together. */
const mostWays = 5_000_000;

/**
 * Every place that the paths lead to, all of them in one walk: below a place that is whole nothing is marked. What says
 * nothing, null and empty texts, lists and objects, is no place. Throws `TooManyWays`.
 */
export function markedPlaces(paths: readonly JsonPath[], data: unknown, maxWays = mostWays): Marks {
  const name = paths.map(({ text }) => text).join("\n");
  return walks.getOrMake(name, () => new Walk(paths)).marks(data, maxWays);
}

/** Where in the paths a walk stands: a path's number, and the number of its step that comes next. */
type Position = { path: number; step: number };
/** What a member is reached by: paths that end there, and those that lead on. */
type Way = { ends: number[]; next: State | null };
/** All positions together, and the ways from there that are known already. */
type State = {
  positions: Position[];
  names: ReadonlySet<string>;
  byName: Map<string, Way>;
  /** Of members that no selector names. */
  others: Way | undefined;
  /** Selectors that say a place in a list. */
  hasNumbers: boolean;
};

/** Walks by the same paths share what they have thought about: projects have few paths, and messages are alike. */
const walks = new LruMap<string, Walk>(200);
const maxStates = 1_000;

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether a value says nothing, so that there is nothing to hide. */
export function saysNothing(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === undefined || (isContainer(value) && Object.keys(value).length === 0);
}

class Walk {
  readonly #states = new Map<string, State>();
  #used = new Set<number>();
  #ways = 0;
  #maxWays = 0;

  constructor(readonly paths: readonly JsonPath[]) {}

  marks(data: unknown, maxWays: number): Marks {
    this.#used = new Set();
    this.#ways = 0;
    this.#maxWays = maxWays;
    // Data decides how many there are.
    if (this.#states.size > maxStates) this.#states.clear();
    const start = this.#state(this.paths.map((_, path) => ({ path, step: 0 })));
    const root: Mark = { isWhole: false, inner: new Map() };
    // A path without steps is the data itself.
    const whole = this.paths.flatMap(({ steps }, path) => (steps.length === 0 ? [path] : []));
    if (whole.length > 0 && !saysNothing(data)) {
      for (const path of whole) this.#used.add(path);
      root.isWhole = true;
    } else if (start) this.#walk(data, start, root);
    return { root, used: this.#used };
  }

  #walk(value: unknown, state: State, mark: Mark): void {
    if (!isContainer(value)) return;
    if (Array.isArray(value)) {
      const numbered = state.hasNumbers ? this.#numbered(state, value.length) : undefined;
      const others = this.#others(state);
      value.forEach((item, i) => {
        this.#member(item, i, numbered?.get(i) ?? others, mark);
      });
    } else
      for (const key of Object.keys(value))
        this.#member((value as Record<string, unknown>)[key], key, this.#named(state, key), mark);
  }

  #member(value: unknown, step: string | number, { ends, next }: Way, mark: Mark): void {
    if (saysNothing(value)) return;
    const inner: Mark = { isWhole: ends.length > 0, inner: new Map() };
    if (inner.isWhole) for (const path of ends) this.#used.add(path);
    else if (next) this.#walk(value, next, inner);
    if (inner.isWhole || inner.inner.size > 0) mark.inner.set(step, inner);
  }

  #named(state: State, key: string): Way {
    if (!state.names.has(key)) return this.#others(state);
    const known = state.byName.get(key);
    if (known) return known;
    const way = this.#way(state, (one) => one === "*" || ("name" in one && one.name === key));
    state.byName.set(key, way);
    return way;
  }

  #others(state: State): Way {
    state.others ??= this.#way(state, (one) => one === "*");
    return state.others;
  }

  /** The ways to those items of a list that numbers lead to. */
  #numbered(state: State, length: number): Map<number, Way> {
    const chosen = new Map<number, Set<PathSelector>>();
    for (const { path, step } of state.positions)
      for (const one of this.paths[path]?.steps[step]?.selectors ?? [])
        for (const i of itemsOf(one, length)) {
          this.#count(1);
          const selectors = chosen.get(i) ?? new Set();
          chosen.set(i, selectors.add(one));
        }
    return new Map(
      [...chosen].map(([i, selectors]) => [i, this.#way(state, (one) => one === "*" || selectors.has(one))]),
    );
  }

  #way(state: State, leads: (selector: PathSelector) => boolean): Way {
    this.#count(state.positions.length);
    const ends: number[] = [];
    const next: Position[] = [];
    for (const position of state.positions) {
      const { path, step } = position;
      const steps = this.paths[path]?.steps ?? [];
      if (steps[step]?.isDeep) next.push(position);
      if (!steps[step]?.selectors.some(leads)) continue;
      if (step + 1 === steps.length) ends.push(path);
      else next.push({ path, step: step + 1 });
    }
    return { ends, next: this.#state(next) };
  }

  /** One object for the same positions, whichever way led there; null for none. */
  #state(positions: Position[]): State | null {
    const open = positions.filter(({ path, step }) => step < (this.paths[path]?.steps.length ?? 0));
    if (open.length === 0) return null;
    const key = [...new Set(open.map(({ path, step }) => `${path}.${step}`))].sort().join();
    const known = this.#states.get(key);
    if (known) return known;
    const distinct = key.split(",").map((one) => {
      const [path, step] = one.split(".").map(Number);
      return { path: path ?? 0, step: step ?? 0 };
    });
    const selectors = distinct.flatMap(({ path, step }) => this.paths[path]?.steps[step]?.selectors ?? []);
    const names = new Set(selectors.flatMap((one) => (one !== "*" && "name" in one ? [one.name] : [])));
    const hasNumbers = selectors.some((one) => one !== "*" && !("name" in one));
    const state: State = { positions: distinct, names, byName: new Map(), others: undefined, hasNumbers };
    this.#states.set(key, state);
    return state;
  }

  #count(ways: number): void {
    this.#ways += ways;
    if (this.#ways > this.#maxWays)
      throw new TooManyWays("The paths lead through the message in too many ways.");
  }
}

/** The items of a list that a selector chooses by their places (RFC 9535, 2.3.3 and 2.3.4). */
function* itemsOf(selector: PathSelector, length: number): Generator<number> {
  if (selector === "*" || "name" in selector) return;
  if ("index" in selector) {
    const at = selector.index < 0 ? length + selector.index : selector.index;
    if (at >= 0 && at < length) yield at;
    return;
  }
  const { start, stop, step = 1 } = selector.slice;
  const placed = (at: number | undefined, otherwise: number, from: number, to: number) => {
    const place = at === undefined ? otherwise : at < 0 ? length + at : at;
    return Math.min(Math.max(place, from), to);
  };
  if (step > 0) {
    const end = placed(stop, length, 0, length);
    for (let at = placed(start, 0, 0, length); at < end; at += step) yield at;
  } else if (step < 0) {
    const end = placed(stop, -1 - length, -1, length - 1);
    for (let at = placed(start, length - 1, -1, length - 1); at > end; at += step) yield at;
  }
}
