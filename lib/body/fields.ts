import { limits } from "@/lib/limits";
import type { Json } from "@/lib/workflow/types";

/** Fields as they were sent, in order. */
export type Field = [name: string, value: Json];
type Nested = { [key: string]: Json };

/**
 * Fields as OpenFn's own parser (Plug.Conn.Query) nests them: `a[b]=1` is a map in a map, `a[]=1` a list, and of what is
 * sent twice under one name, or as two things at once, the last counts. A name that is nested too deeply stays as it is.
 */
export function nestFields(fields: Iterable<Field>): { value: Nested; isRepeated: boolean; isDeep: boolean } {
  const value: Nested = Object.create(null);
  const found = { isRepeated: false, isDeep: false };
  // From the last to the first: what is there already has won.
  for (const [name, one] of [...fields].reverse()) {
    let path = pathOf(name);
    if (path.length > limits.messageFieldLevels) {
      found.isDeep = true;
      path = [name];
    }
    assign(value, path, one, found);
  }
  return { value: inOrder(value), ...found };
}

/** `users[address][street]` is users, address, street; a name that does not end with a bracket is one name. */
function pathOf(name: string): string[] {
  const open = name.indexOf("[");
  if (!name.endsWith("]") || open < 0) return [name];
  return [name.slice(0, open), ...name.slice(open + 1, -1).split("][")];
}

type Found = { isRepeated: boolean };

function assign(map: Nested, [key = "", ...rest]: string[], value: Json, found: Found): void {
  const current = map[key];
  if (rest.length === 0) {
    if (current === undefined) map[key] = value;
    else found.isRepeated = true;
  } else if (rest[0] === "") {
    const list = current ?? newList(map, key);
    if (Array.isArray(list)) list.push(listItem(rest.slice(1), value, found));
    else found.isRepeated = true;
  } else {
    const inner = current ?? newMap(map, key);
    if (isMap(inner)) assign(inner, rest, value, found);
    else found.isRepeated = true;
  }
}

/** `a[][b]=1&a[][c]=2` are two maps. */
function listItem(rest: string[], value: Json, found: Found): Json {
  if (rest.length === 0) return value;
  const item: Nested = Object.create(null);
  assign(item, rest, value, found);
  return item;
}

function newList(map: Nested, key: string): Json[] {
  const list: Json[] = [];
  map[key] = list;
  return list;
}

function newMap(map: Nested, key: string): Nested {
  const inner: Nested = Object.create(null);
  map[key] = inner;
  return inner;
}

/** What was made from the last to the first, turned round. */
function inOrder(map: Nested): Nested {
  const turned: Nested = Object.create(null);
  for (const [key, value] of Object.entries(map).reverse()) turned[key] = turnedValue(value);
  return turned;
}

function turnedValue(value: Json): Json {
  if (Array.isArray(value)) return value.reverse().map(turnedValue);
  return isMap(value) ? inOrder(value) : value;
}

/** Maps that were made here: a file's description is a value. */
const isMap = (value: Json): value is Nested =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
