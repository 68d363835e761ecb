import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspect } from "./inspect";

/** A job's values come from another realm: made by its code in a context of its own. */
const made = (source: string): unknown => vm.runInNewContext(`(${source})`, { Buffer, URLSearchParams });

test("what is JSON is shown as JSON, and a text as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(inspect(plain)).toBe(typeof plain === "string" ? plain : JSON.stringify(plain, null, 2));
    }),
  );
});

describe("what JSON cannot say", () => {
  test.each([
    [
      "new Map([['k', { v: 1 }], [{ a: 1 }, 2]])",
      'Map(2) {\n  "k" => {\n    "v": 1\n  },\n  {\n    "a": 1\n  } => 2\n}',
    ],
    ["new Map()", "Map(0) {}"],
    ["new Set([1, 'a'])", 'Set(2) {\n  1,\n  "a"\n}'],
    ["/x/g", "/x/g"],
    ["new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["new Date(NaN)", "Invalid Date"],
    ["new Error('boom')", "Error: boom"],
    [
      "new TypeError('boom', { cause: new Error('why', { cause: 7 }) })",
      "TypeError: boom\n  caused by Error: why\n    caused by 7",
    ],
    ["new AggregateError([new Error('a'), 'b'], 'both')", 'AggregateError: both\n  Error: a\n  "b"'],
    ["10n", "10n"],
    ["Symbol('s')", "Symbol(s)"],
    ["undefined", "undefined"],
    ["null", "null"],
    ["NaN", "NaN"],
    ["-0", "-0"],
    ["function named() {}", "[Function: named]"],
    ["() => 1", "[Function (anonymous)]"],
    ["class K {}", "[class: K]"],
    ["new Uint8Array([1, 2, 3])", "Uint8Array(3) [1, 2, 3]"],
    ["new BigInt64Array([1n])", "BigInt64Array(1) [1n]"],
    ["new Uint8Array(200)", `Uint8Array(200) [${Array(100).fill("0").join(", ")} … 100 more]`],
    ["Buffer.from('abc')", "<Buffer 61 62 63>"],
    ["new ArrayBuffer(3)", "ArrayBuffer(3)"],
    ["new DataView(new ArrayBuffer(2))", "DataView(2)"],
    ["new (class Point { constructor() { this.x = 1 } })()", 'Point {\n  "x": 1\n}'],
    ["new (class Secret { #a = 1 })()", "Secret {}"],
    ["new (class Money { toString() { return '5 EUR' } })()", "Money { 5 EUR }"],
    ["new URLSearchParams('a=1')", "URLSearchParams { a=1 }"],
    ["new WeakMap()", "WeakMap {}"],
    ["Promise.resolve(1)", "Promise {}"],
    ["Object.create(null)", "{}"],
    ["new Number(5)", "5"],
    ["[1, , 3]", "[\n  1,\n  <empty>,\n  3\n]"],
    ["{ toJSON() { return { said: 1 } } }", '{\n  "said": 1\n}'],
    [
      "{ m: new Map([['a', 1]]), s: new Set(), r: /x/, e: new Error('no'), u: undefined, f() {}, d: new Date(0), n: NaN, b: 1n }",
      '{\n  "m": Map(1) {\n    "a" => 1\n  },\n  "s": Set(0) {},\n  "r": /x/,\n  "e": Error: no,\n  "u": undefined,\n  "f": [Function: f],\n  "d": "1970-01-01T00:00:00.000Z",\n  "n": NaN,\n  "b": 1n\n}',
    ],
  ])("%s", (source, text) => expect(inspect(made(source))).toBe(text));
});

describe("whatever it is, there is a text and an end", () => {
  test("cycles are marked, what is there twice is shown twice", () => {
    expect(inspect(made("(() => { const c = { a: 1 }; c.self = c; return c })()"))).toBe(
      '{\n  "a": 1,\n  "self": [Circular]\n}',
    );
    expect(inspect(made("(() => { const x = { v: 1 }; return [x, x] })()"))).toBe(
      JSON.stringify([{ v: 1 }, { v: 1 }], null, 2),
    );
    expect(inspect(made("(() => { const m = new Map(); m.set('m', m); return m })()"))).toContain(
      "[Circular]",
    );
  });
  test("getters that throw, hostile proxies, revoked ones", () => {
    expect(inspect(made("{ get a() { throw new Error('x') }, b: 1 }"))).toBe(
      '{\n  "a": [Getter threw: x],\n  "b": 1\n}',
    );
    expect(inspect(made("new Proxy({}, { ownKeys() { throw new Error('p') } })"))).toBe("[unreadable: p]");
    expect(
      inspect(made("(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()")),
    ).toMatch(/^\[unreadable/);
    expect(inspect(made("new Proxy({}, { getPrototypeOf() { throw null } })"))).toMatch(/^\[unreadable/);
  });
  test("depth and size", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i += 1) deep = { deep };
    expect(inspect(deep)).toContain("[nested too deeply]");
    const wide = inspect(Array.from({ length: 1e6 }, (_, i) => i));
    expect(wide).toContain("more");
    expect(wide.length).toBeLessThan(400_000);
    let shared: unknown = "leaf";
    for (let i = 0; i < 60; i += 1) shared = [shared, shared];
    expect(inspect(shared).length).toBeLessThan(10_000_000);
  });
  test("anything at all", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
          withBoxedValues: true,
        }),
        (value) => typeof inspect(value) === "string",
      ),
    );
  });
});
