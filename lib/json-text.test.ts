import fc from "fast-check";
import { expect, test } from "vitest";
import { rewriteJson } from "./json-text";

const json = fc.oneof(fc.json({ maxDepth: 5 }), fc.json({ stringUnit: "binary", maxDepth: 4 }));

test("what nothing is asked of stays as it is written", () => {
  const written =
    '{ "a" : 9007199254740993 , "b\\u0000":[1.50, -0, 1e400,"\\ud800"],"__proto__":{"x":null} }';
  expect(rewriteJson(written, { string: () => undefined, scalar: () => undefined })).toBe(written);
  fc.assert(fc.property(json, (text) => rewriteJson(text, {}) === text));
});

test("every text, key and scalar is seen once, decoded", () => {
  fc.assert(
    fc.property(json, (text) => {
      const seen: unknown[] = [];
      rewriteJson(text, {
        string: (value, isKey) => void seen.push(isKey ? { key: value } : value),
        scalar: (written) => void seen.push(JSON.parse(written)),
      });
      const expected: unknown[] = [];
      const walk = (value: unknown): void => {
        if (typeof value !== "object" || value === null) expected.push(value);
        else
          for (const [key, item] of Object.entries(value)) {
            if (!Array.isArray(value)) expected.push({ key });
            walk(item);
          }
      };
      walk(JSON.parse(text));
      const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
      expect(sorted(seen)).toEqual(sorted(expected));
    }),
  );
});

test("what is replaced is JSON again, whatever replaces it", () => {
  fc.assert(
    fc.property(json, fc.string({ unit: "binary" }), (text, instead) => {
      const marked = rewriteJson(text, {
        string: (_, isKey) => (isKey ? undefined : instead),
        scalar: () => JSON.stringify(instead),
      });
      const expected = JSON.parse(text, (_, value: unknown) =>
        typeof value === "object" && value !== null ? value : instead,
      );
      expect(JSON.parse(marked)).toEqual(expected);
    }),
  );
});

test("nesting has no limit", () => {
  const deep = `${"[".repeat(100_000)}"x"${"]".repeat(100_000)}`;
  expect(rewriteJson(deep, { string: () => "y" })).toBe(deep.replace("x", "y"));
});
