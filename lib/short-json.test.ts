import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExact } from "./exact-json";
import { shortJson } from "./short-json";

test("what is short enough is JSON, in exact decimals", () => {
  const text = '{"a":[1,"x",{"b":null}],"n":12345678901234567890.10,"é":true}';
  expect(shortJson(parseExact(text), 200)).toBe(text);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.parse(shortJson(parseExact(json), json.length))).toEqual(JSON.parse(json));
    }),
  );
});

test("what is longer is cut, however deep, long or wide it is, and no character is halved", () => {
  const deep = parseExact(`${"[".repeat(400)}1${"]".repeat(400)}`);
  const wide = Array.from({ length: 100_000 }, (_, i) => i);
  for (const value of [deep, wide, "x".repeat(1e6), { ["k".repeat(1e6)]: 1 }, "\u{1f600}".repeat(1e5)]) {
    const short = shortJson(value, 100);
    expect(short.length).toBeLessThanOrEqual(101);
    expect(short.endsWith("…")).toBe(true);
    expect(short.isWellFormed()).toBe(true);
  }
});
