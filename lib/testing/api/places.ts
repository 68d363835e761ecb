import type { JsonSchema } from "@/lib/http/openapi-types";

type Named = Record<string, JsonSchema>;
/** An object of a value whose keys are a closed set, and the keys it may have. */
export type Place = { path: (string | number)[]; known: string[] };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every object of `value` that its schema closes. What is data, and so may have any key, is none. */
export function closedPlaces(
  schema: JsonSchema | boolean,
  value: unknown,
  named: Named,
  path: Place["path"] = [],
): Place[] {
  const open = alternatives(schema, named);
  if (open.some((one) => isFree(one))) return [];
  if (Array.isArray(value)) {
    const items = open.flatMap(({ items }) => (items && !Array.isArray(items) ? [items] : []));
    return value.flatMap((item, index) =>
      items.length === 0 ? [] : closedPlaces({ anyOf: items.map(asSchema) }, item, named, [...path, index]),
    );
  }
  if (!isObject(value)) return [];
  const objects = open.filter((one) => one.properties || one.additionalProperties !== undefined);
  const isRecord = objects.some(
    ({ additionalProperties }) => additionalProperties !== undefined && additionalProperties !== false,
  );
  const known = objects.flatMap(({ properties = {} }) => Object.keys(properties));
  const inner = Object.entries(value).flatMap(([key, one]) => {
    const schemas = objects.flatMap(({ properties = {}, additionalProperties }) => {
      const own = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      return own === undefined || own === false ? [] : [asSchema(own)];
    });
    return schemas.length === 0 ? [] : closedPlaces({ anyOf: schemas }, one, named, [...path, key]);
  });
  return isRecord ? inner : [{ path, known }, ...inner];
}

const asSchema = (schema: JsonSchema | boolean): JsonSchema => (typeof schema === "boolean" ? {} : schema);

/** A schema without references and unions. */
function alternatives(schema: JsonSchema | boolean, named: Named): JsonSchema[] {
  const one = asSchema(schema);
  if (one.$ref) return alternatives(named[one.$ref.split("/").at(-1) ?? ""] ?? {}, named);
  const several = one.anyOf ?? one.oneOf;
  return several ? several.flatMap((each) => alternatives(each, named)) : [one];
}

const isFree = (schema: JsonSchema): boolean =>
  schema.type === undefined && schema.enum === undefined && !("const" in schema) && !schema.properties;

const strangers = ["zzzz", "constructor", "toString", "é ü", "conditon_type", "enabeld"];

/** A key that is not known there, in turn one of its own and one that is nearly a known one. */
export function strangeKey(known: readonly string[], n: number): string {
  const of = known[n % Math.max(1, known.length)];
  const near = of && of.length > 3 ? of.slice(0, 1) + of.slice(2) : undefined;
  const key = n % 2 === 0 ? strangers[(n / 2) % strangers.length] : near;
  return key === undefined || known.includes(key) ? "zzzz" : key;
}

/** A copy of a value with one more key in one of its objects. */
export function withKey(value: unknown, path: Place["path"], key: string): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return { ...(isObject(value) ? value : {}), [key]: 1 };
  if (Array.isArray(value))
    return value.map((item, index) => (index === first ? withKey(item, rest, key) : item));
  return isObject(value) ? { ...value, [first]: withKey(value[first], rest, key) } : value;
}
