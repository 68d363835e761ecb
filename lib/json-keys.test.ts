import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildJson, hasEscapedKey, withRightKeys } from "./json-keys";

/** JSON text and what it means, which no parser was asked. */
type Written = { text: string; value: unknown };

const escaped = (text: string) =>
  `"${[...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
const spelt = (text: fc.Arbitrary<string>): fc.Arbitrary<{ text: string; value: string }> =>
  fc.tuple(text, fc.boolean()).map(([value, isPlain]) => ({
    text: isPlain ? JSON.stringify(value) : escaped(value),
    value,
  }));
const keys = spelt(
  fc.constantFrom("a", "prénom", "pr\\u00", '"', "\\", "\n", "x\\", "x\n", "__proto__", "7", ""),
);
const texts = spelt(fc.constantFrom("", "a", '"', "\\", '\\"', "{", '"]:', "\u2028", "é", "//"));
const plain = fc
  .constantFrom(true, false, null, 0, -0.5, 1e300, 12)
  .map((value): Written => ({ text: String(value), value }));
const gap = fc.constantFrom("", "", " ", "\n\t");

const { any } = fc.letrec<{ any: Written }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    plain,
    texts as fc.Arbitrary<Written>,
    fc.tuple(gap, fc.array(tie("any"), { maxLength: 4 })).map(([space, items]) => ({
      text: `[${space}${items.map(({ text }) => text).join(`${space},`)}${space}]`,
      value: items.map(({ value }) => value),
    })),
    fc.tuple(gap, fc.array(fc.tuple(keys, tie("any")), { maxLength: 5 })).map(([space, members]) => ({
      text: `{${space}${members.map(([key, { text }]) => `${key.text}${space}:${space}${text}`).join(`,${space}`)}${space}}`,
      value: objectOf(members.map(([key, { value }]) => [key.value, value])),
    })),
  ),
}));

/** The last of equal keys counts, at the place of the first. */
function objectOf(members: [string, unknown][]): object {
  const object = {};
  for (const [key, value] of members)
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  return object;
}

const same = (one: unknown, other: unknown) => {
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  expect(one).toStrictEqual(other);
};

describe("buildJson", () => {
  test("is what the text says, however it is written", () => {
    fc.assert(
      fc.property(any, ({ text, value }) => same(buildJson(text), value)),
      { numRuns: 2_000 },
    );
  });

  test("is as deep as the text", () => {
    const deep = 200_000;
    let value: unknown = buildJson(`${'{"a":['.repeat(deep)}1${"]}".repeat(deep)}`);
    let levels = 0;
    for (; typeof value === "object" && value !== null; levels++) value = Object.values(value)[0];
    expect([value, levels]).toEqual([1, 2 * deep]);
  });
});

test.each([
  ['{"a":1}', false],
  ['{"a":"\\""}', false],
  ['["\\n", "a"]', false],
  ['{"a":"\\\\","b":1}', false],
  ['{"a\\n":1}', true],
  ['{"a":"\\":","\\u0061" \n:1}', true],
  ['"\\""', false],
])("hasEscapedKey(%s) is %s", (text, is) => {
  expect(hasEscapedKey(text)).toBe(is);
});

describe("withRightKeys", () => {
  /** What V8 does where it has seen such a shape. */
  const misread = ((text: string) =>
    JSON.parse(text, (_, value) =>
      typeof value === "object" && value && '"' in value ? { "\\": value['"'] } : value,
    )) as typeof JSON.parse;
  const parse = withRightKeys(misread);

  test("reads keys as they are written, and leaves the rest to the engine", () => {
    expect(misread('{"\\"":1}')).toEqual({ "\\": 1 });
    expect(parse('{"\\"":1}')).toEqual({ '"': 1 });
    expect(parse('{"a":"\\""}')).toEqual({ a: '"' });
  });

  test("refuses in the engine's words", () => {
    for (const text of ['{"\\n":}', "", '{"\\q":1}', '{"\\n":1} x']) {
      const error = (read: (written: string) => unknown) => {
        try {
          return read(text);
        } catch (thrown) {
          return thrown;
        }
      };
      expect(error(parse)).toBeInstanceOf(SyntaxError);
      expect(error(parse)).toEqual(error(JSON.parse));
    }
  });
});
