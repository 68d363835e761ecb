import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { ExactNumber, exactNumber, parseExact, plainNumbers, stringifyExact } from "./exact-json";

describe("a number is kept as it is written where JavaScript's would be another", () => {
  test.each([
    "9007199254740993",
    "-9007199254740993",
    "0.1000000000000000055",
    "1e400",
    "1e-400",
    "123456789012345678901234567890",
    "12345678.123456789012",
  ])("%s", (written) => {
    const value = parseExact(`{"n":[${written}]}`);
    expect(value).toEqual({ n: [new ExactNumber(written)] });
    expect(stringifyExact(value)).toBe(`{"n":[${written}]}`);
    expect(JSON.stringify(value)).toBe(`{"n":[${JSON.stringify(Number(written))}]}`);
  });

  test.each([
    "0",
    "-0.0",
    "1.10",
    "1e2",
    "1E+2",
    "9007199254740992",
    "1e21",
    "0.1",
    "100",
    "1.5e300",
    "0.000001",
  ])("and is JavaScript's else: %s", (written) => {
    expect(exactNumber(written)).toBe(Number(written));
  });
});

test("ids and code that look like numbers are read and written as JSON is, at its pace", () => {
  const value = { id: "4e120000-0000-4000-8000-000000000001", code: "x = 12345678901234567890; y = 1e400" };
  const text = JSON.stringify(value);
  const [parse, stringify] = [vi.spyOn(JSON, "parse"), vi.spyOn(JSON, "stringify")];
  expect(parseExact(text)).toEqual(value);
  expect(stringifyExact(value)).toBe(text);
  expect([parse.mock.calls.length, stringify.mock.calls.length]).toEqual([1, 1]);
  vi.restoreAllMocks();
  const inside = { code: "a: 12345678901234567, [1e9]", n: new ExactNumber("0.1000000000000000055") };
  expect(parseExact(stringifyExact(inside))).toEqual(inside);
});

test("all other JSON reads as JSON.parse reads it, keys that are named twice and __proto__ too", () => {
  const long = "12345678901234567";
  expect(parseExact(`{"a":1,"a":2,"n":${long}}`)).toEqual({ a: 2, n: new ExactNumber(long) });
  const proto = parseExact(`{"__proto__":{"x":1},"n":${long}}`);
  expect(Object.keys(proto ?? {})).toEqual(["__proto__", "n"]);
  expect(() => parseExact(`{"n":${long},}`)).toThrow(SyntaxError);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseExact(text))).toBe(text);
      expect(stringifyExact(parseExact(text))).toBe(text);
    }),
  );
});

test("random decimals come out as they went in", () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,30}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/);
  fc.assert(
    fc.property(digits, (written) => {
      const out = stringifyExact(parseExact(`[${written}]`)).slice(1, -1);
      const same = exactNumber(written) instanceof ExactNumber ? written : String(Number(written));
      expect(out).toBe(same);
    }),
  );
});

test("a number is exact in every bundle of a process, whichever made it", async () => {
  vi.resetModules();
  const other = await import("./exact-json");
  expect(other.ExactNumber).not.toBe(ExactNumber);
  const made = other.parseExact('{"id":9007199254740993}');
  expect(stringifyExact(made)).toBe('{"id":9007199254740993}');
  expect(plainNumbers(made)).toEqual({ id: 9007199254740992 });
});
