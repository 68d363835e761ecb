import { invalid } from "@/lib/refusal";
import type { Deletion, WorkflowState } from "./document";

/** What the workflows of a project are merged with. */
export type Merging = {
  newId: () => string;
  extensions: boolean;
  credentials: Known;
  keychains: Known;
  /** Of each workflow. */
  jobs: ReadonlyMap<string, WorkflowState["jobs"]>;
};

/** Things by their keys, of which others name the ids. */
export type Known = Record<string, { id: string }>;

type Items<T> = Record<string, T> | null | undefined;

/** Every key of the state and then of the spec, with what stands under it in each. */
export function zip<S, T>(
  state: Items<S>,
  spec: Items<T>,
): [key: string, was: S | undefined, said: T | undefined][] {
  const [left, right] = [state ?? {}, spec ?? {}];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].map((key) => [key, own(left, key), own(right, key)]);
}

/** The value of a key that a person chose, such as `constructor`. */
export const own = <T>(items: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(items, key) ? items[key] : undefined;

/** Merges each pair; what the state alone has is to go. */
export const merged = <S extends { id: string }, T, U>(
  state: Items<S>,
  spec: Items<T>,
  toItem: (said: T, was: S | undefined) => U,
): Record<string, U | Deletion> =>
  Object.fromEntries(
    zip(state, spec).map(([key, was, said]): [string, U | Deletion] => [
      key,
      said ? toItem(said, was) : { id: was?.id ?? "", delete: true },
    ]),
  );

/** The id of what a spec names; a key that is not there is refused in the words of OpenFn's CLI. */
export function idOf(items: Known, key: string, thing: "credential" | "keychain" | "job"): string {
  const id = own(items, key)?.id;
  if (id === undefined)
    throw invalid(`Could not find a ${thing} with ${thing === "job" ? "key" : "name"}: ${key}`);
  return id;
}

/** An entry with what is said, with null where the state has a value that the spec has not, or with nothing. */
export function extended<K extends string, T>(
  key: K,
  value: T | null | undefined,
  was: object | undefined,
): { [P in K]?: T | null } {
  const entry = (one: T | null) => ({ [key]: one }) as { [P in K]?: T | null };
  if (value !== null && value !== undefined) return entry(value);
  const before: unknown = was && Object.hasOwn(was, key) ? Reflect.get(was, key) : null;
  return before === null || before === undefined ? {} : entry(null);
}

/** Without the entries whose value is undefined: what OpenFn's CLI has as `undefined` is not in its JSON either. */
export const defined = <T extends object>(entries: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as T;
