import fc from "fast-check";
import type { JsonSchema } from "@/lib/http/openapi-types";

type Named = Record<string, JsonSchema>;

/** Strings that stand for something in the world that a run plays in (world.ts). */
export const marker = (name: string) => `@${name}`;

/** What breaks programs: each once was, or might be, a 500. */
const hostile: unknown[] = [
  null,
  true,
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "🙂é",
  "'; drop table users; --",
  "%_\\",
  "../../etc/passwd",
  "x".repeat(5_000),
  -1,
  0,
  1.5,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  1e308,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { ["__proto__"]: 1 },
  { "k\u0000": ["\u0000"] },
  { "\ud800": { "\udc00": 1 } },
  -0,
  "__proto__",
  "00000000-0000-0000-0000-000000000000",
  "2024-02-30",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59+23:59",
];

export const nasty = fc.constantFrom(...hostile);
export const nastyText = nasty.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));

export type Kind = { named: Named; markers: string[]; isHostile: boolean };

/** Values of a JSON Schema; with `isHostile` now and then something else in the place of any of them. */
export function arbitrary(schema: JsonSchema | boolean, kind: Kind): fc.Arbitrary<unknown> {
  const valid = ofSchema(typeof schema === "boolean" ? {} : schema, kind);
  return kind.isHostile ? fc.oneof({ weight: 5, arbitrary: valid }, { weight: 1, arbitrary: nasty }) : valid;
}

function ofSchema(schema: JsonSchema, kind: Kind): fc.Arbitrary<unknown> {
  if (schema.$ref) return arbitrary(kind.named[schema.$ref.split("/").at(-1) ?? ""] ?? {}, kind);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return fc.oneof(...alternatives.map((one) => arbitrary(one, kind)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 1) return fc.oneof(...types.map((type) => arbitrary({ ...schema, type }, kind)));
  switch (types[0]) {
    case "object":
      return objectOf(schema, kind);
    case "array":
      return fc.array(arbitrary(itemOf(schema), kind), { maxLength: Math.min(schema.maxItems ?? 3, 3) });
    case "string":
      return textOf(schema, kind);
    case "integer":
      return fc.oneof(numberOf(schema), fc.integer(bounds(schema, 1_000)));
    case "number":
      return fc.oneof(numberOf(schema), fc.double({ noNaN: true, ...bounds(schema, 1e6) }));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

const itemOf = ({ items }: JsonSchema): JsonSchema =>
  items && !Array.isArray(items) && items !== true ? items : {};

function objectOf(schema: JsonSchema, kind: Kind): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const model = Object.fromEntries(
    Object.entries(properties).map(([key, one]) => [key, arbitrary(one, kind)]),
  );
  const requiredKeys = kind.isHostile ? required.slice(1) : required;
  const known = fc.record(model, { requiredKeys: requiredKeys.filter((key) => key in model) });
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (!isOpen && !kind.isHostile) return known;
  const value = isOpen ? arbitrary(additionalProperties, kind) : fc.constant(1);
  const others = fc.dictionary(fc.string({ maxLength: 8 }), value, { maxKeys: isOpen ? 3 : 1 });
  return fc.tuple(others, known).map(([more, own]) => ({ ...more, ...own }));
}

function textOf(schema: JsonSchema, kind: Kind): fc.Arbitrary<string> {
  const ofWorld = fc.constantFrom(...kind.markers);
  switch (schema.format) {
    case "uuid":
      return fc.oneof({ weight: 4, arbitrary: ofWorld }, { weight: 1, arbitrary: fc.uuid() });
    case "email":
      return fc.emailAddress();
    case "date":
      return moment.map((date) => date.toISOString().slice(0, 10));
    case "date-time":
      return moment.map((date) => date.toISOString());
  }
  return fc.oneof({ weight: 7, arbitrary: sized(schema) }, { weight: 1, arbitrary: ofWorld });
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const bySize = new Map<string, fc.Arbitrary<string>>();

/** Texts of a length. Each is made once: making them costs far more than drawing from them. */
function sized({ minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  const size = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) };
  const key = `${size.minLength} ${size.maxLength}`;
  const known = bySize.get(key);
  if (known) return known;
  const made = fc.oneof(
    { weight: 3, arbitrary: word.map((text) => text.padEnd(minLength, "x")) },
    { weight: 2, arbitrary: fc.string({ ...size, unit: "grapheme" }) },
    { weight: 2, arbitrary: fc.string({ ...size, unit: "binary" }) },
  );
  bySize.set(key, made);
  return made;
}

const moment = fc.date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-12-31") });

const bounds = ({ minimum, maximum }: JsonSchema, far: number) => {
  const min = minimum ?? (maximum === undefined ? -far : Math.min(-far, maximum));
  return { min, max: Math.max(min, Math.min(maximum ?? far, min + 2 * far)) };
};

/** The ends of the range. */
const numberOf = ({ minimum, exclusiveMinimum, maximum }: JsonSchema): fc.Arbitrary<number> =>
  fc.constantFrom(
    minimum ?? (typeof exclusiveMinimum !== "number" ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + 1),
    maximum ?? Number.MAX_SAFE_INTEGER,
  );
