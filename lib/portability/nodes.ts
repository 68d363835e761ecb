import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";

/** The text of a key as it is written: `1.0` is not `1`. */
export function keyOf({ key }: Pair): string {
  if (!isScalar(key)) return String(key);
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

/** The pair of a key. */
export const pairIn = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => keyOf(pair) === key);

/** What stands under a key; undefined where there is none. */
export const valueIn = (map: YAMLMap, key: string): unknown => pairIn(map, key)?.value;

/** Keys and values of what should be a map. */
export const entriesOf = (node: unknown): [string, unknown][] =>
  isMap(node) ? node.items.map((pair) => [keyOf(pair), pair.value]) : [];

/** Whether two nodes say the same, however they are written. The order of keys says nothing. */
export function saysTheSame(one: unknown, other: unknown): boolean {
  if (isScalar(one) && isScalar(other))
    return typeof one.value === typeof other.value && String(one.value) === String(other.value);
  if (isSeq(one) && isSeq(other))
    return (
      one.items.length === other.items.length &&
      one.items.every((item, n) => saysTheSame(item, other.items[n]))
    );
  if (!isMap(one) || !isMap(other) || one.items.length !== other.items.length) return false;
  const values = new Map(entriesOf(other));
  return entriesOf(one).every(([key, value]) => values.has(key) && saysTheSame(value, values.get(key)));
}
