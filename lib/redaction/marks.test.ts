import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Place, parseJsonPath } from "@/lib/json-path";
import { type Mark, markedPlaces, saysNothing, TooManyWays } from "./marks";

function placesOf(mark: Mark, at: Place = []): Place[] {
  if (mark.isWhole) return [at];
  return [...mark.inner].flatMap(([step, inner]) => placesOf(inner, [...at, step]));
}

const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor");
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>("x", "", 1, true, null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((members) => JSON.parse(`{${members.map(([k, v]) => `"${k}":${JSON.stringify(v)}`).join()}}`)),
  ),
})).value;
const selector = fc.oneof(
  key.map((name) => `'${name}'`),
  fc.integer({ min: -3, max: 3 }).map(String),
  fc.constant("*"),
  fc
    .tuple(
      fc.option(fc.integer({ min: -5, max: 5 })),
      fc.option(fc.integer({ min: -5, max: 5 })),
      fc.option(fc.integer({ min: -3, max: 3 })),
    )
    .map(([start, stop, step]) => `${start ?? ""}:${stop ?? ""}${step === null ? "" : `:${step}`}`),
);
const segment = fc.array(selector, { minLength: 1, maxLength: 3 }).map((all) => `[${all.join()}]`);
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(3)))
  .map(([segments, deep]) => `$${segments.map((one, i) => (i === deep ? `..${one}` : one)).join("")}`);

describe("markedPlaces", () => {
  test("finds what each path finds alone, but for what is in something whole and what says nothing", () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 4 }), json, (texts, data) => {
        const paths = texts.map(parseJsonPath);
        const found = paths.flatMap((one) =>
          one.places(data).filter((_, i) => !saysNothing(one.values(data)[i])),
        );
        const isIn = (inner: Place, outer: Place) =>
          outer.length < inner.length && outer.every((step, i) => step === inner[i]);
        const outermost = found.filter((place) => !found.some((other) => isIn(place, other)));
        const sorted = (places: Place[]) => [...new Set(places.map((one) => JSON.stringify(one)))].sort();
        expect(sorted(placesOf(markedPlaces(paths, data).root))).toEqual(sorted(outermost));
      }),
      { numRuns: 2_000 },
    );
  });

  test("says which paths lead somewhere", () => {
    const paths = ["$.a.b", "$.x", "$..c"].map(parseJsonPath);
    expect([...markedPlaces(paths, { a: { b: 1 }, d: [{ c: 2 }] }).used]).toEqual([0, 2]);
  });

  test("walks through much data once, however many paths there are", () => {
    const data = {
      list: Array.from({ length: 50_000 }, (_, id) => ({ id, name: "x", more: { deep: [id] } })),
    };
    const many = Array.from({ length: 50 }, (_, i) => parseJsonPath(i === 0 ? "$..name" : `$..nobody_${i}`));
    expect(placesOf(markedPlaces(many, data).root)).toHaveLength(50_000);
  });

  test("gives up where paths lead in too many ways", () => {
    const data = Array.from({ length: 100 }, () => [[["x"]]]);
    expect(() => markedPlaces([parseJsonPath("$[0:99][0]..[0]")], data, 100)).toThrow(TooManyWays);
    expect(markedPlaces([parseJsonPath("$..[*]")], data, 100).root.inner.size).toBe(100);
  });
});
