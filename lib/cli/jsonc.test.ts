import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonc } from "./jsonc";

test("the config of OpenFn's documentation, comments and all", () => {
  const text = `{
  // Required, can be overridden or set with \`OPENFN_API_KEY\` env var
  "apiKey": "***",
  /* two
     lines */
  "endpoint": "https://app.example.org//x", // not a comment within the text
  "specPath": "a \\"//\\" b",
}
`;
  expect(parseJsonc(text)).toEqual({
    apiKey: "***",
    endpoint: "https://app.example.org//x",
    specPath: 'a "//" b',
  });
});

test("whatever is JSON means the same", () => {
  fc.assert(
    fc.property(fc.json(), fc.boolean(), (text, isIndented) => {
      const value = JSON.parse(text);
      const written = isIndented ? JSON.stringify(value, null, 2) : text;
      expect(parseJsonc(written)).toEqual(value);
      expect(parseJsonc(`// one\n${written}\n/* two */`)).toEqual(value);
    }),
  );
});

test.each([
  ['{\n  "a": 1\n  "b": 2\n}', 3],
  ["// c\n{\n  a: 1\n}", 3],
  ['{ "a": 1', 1],
  ['{\n"a":\n}', 3],
  ['{\n"a": [1,\n  abc]\n}', 3],
  ['{\n"a": "x\n"\n}', 2],
  ["{}\n\n{}", 3],
  ['{\n"a": 1\n', 2],
  ["", 1],
])("%j is refused with its line", (text, line) => {
  expect(() => parseJsonc(text)).toThrow(expect.objectContaining({ name: "JsoncError", line }));
});
