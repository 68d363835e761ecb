import { describe, expect, test } from "vitest";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import { type Condition, conditionsOf, filterOf } from "@/lib/workflow/filter/conditions";
import { type Ask, afterClick, isAsked, offerOf, type Place } from "./model";
import { readJson, readTyped } from "./typed";
import { conditionText, kindOf, pathText, typedOf } from "./words";

const message = parseExact(
  '{"form":"B","n":12345678901234567890,"patient":{"id":7,"meta":{}},"tags":["x","y"],"visits":[{"type":"a","ok":true}],"name":"•••"}',
);

function at(place: Place) {
  return place.reduce<unknown>((value, step) => Reflect.get(Object(value), step), message);
}
const click = (conditions: Condition[], ask: Ask, ...place: (string | number)[]) =>
  afterClick(conditions, offerOf(ask, place, at(place) as never));
const filter = (conditions: Condition[]) => stringifyExact(filterOf(conditions));

describe("clicks in a message", () => {
  test("ask for what is clicked, wherever it stands, and the JSON says the same conditions", () => {
    let conditions: Condition[] = [];
    conditions = click(conditions, "is", "form");
    conditions = click(conditions, "is", "n");
    conditions = click(conditions, "there", "patient");
    conditions = click(conditions, "is", "patient", "id");
    conditions = click(conditions, "is", "tags", 1);
    conditions = click(conditions, "is", "visits", 0, "type");
    conditions = click(conditions, "there", "patient", "meta");
    const text =
      '{"form":"B","n":12345678901234567890,"patient":{"id":7,"meta":{}},"tags":["y"],"visits":[{"type":"a"}]}';
    expect(filter(conditions)).toBe(text);
    expect(conditionsOf(parseExact(text)).map(conditionText).sort()).toEqual(
      conditions.map(conditionText).sort(),
    );
  });

  test("a second click takes it away", () => {
    const once = click([], "is", "form");
    expect(isAsked(once, offerOf("is", ["form"], "B"))).toBe(true);
    expect(click(once, "is", "form")).toEqual([]);
  });

  test("an object is asked for with all that is in it", () => {
    expect(filter(click([], "is", "patient"))).toBe('{"patient":{"id":7,"meta":{}}}');
    expect(filter(click([], "is", "visits", 0))).toBe('{"visits":[{"type":"a","ok":true}]}');
  });

  test("what a filter cannot ask for is said", () => {
    expect(offerOf("there", ["form"], "B")).toEqual({ why: expect.stringContaining("A filter compares") });
    expect(offerOf("is", [], Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`k${n}`, n])))).toEqual(
      {
        why: expect.stringContaining("more than 20"),
      },
    );
  });

  test("what is masked is not offered, nor what holds it", () => {
    for (const ask of ["is", "there", "not"] as const) {
      expect(offerOf(ask, ["name"], "•••")).toEqual({ why: expect.stringContaining("masked") });
      expect(offerOf(ask, ["a"], { b: ["Mr •••"] })).toEqual({ why: expect.stringContaining("masked") });
    }
  });
});

test.each<[string, string]>([
  ['{"form":"B"}', 'form is "B"'],
  ['{"a":{"first name":1.50}}', 'a["first name"] is 1.5'],
  ['{"p":{}}', "p is there, as an object"],
  ['{"p":[]}', "p is there, as a list"],
  ['{"tags":["x"]}', 'tags is a list with the item "x"'],
  ['{"v":[{"t":1}]}', "v[].t is 1, in an item"],
  ['{"v":[{"t":1,"u":2}]}', 'v is a list with an item that has {"t":1,"u":2}'],
  ['["x"]', 'the message is a list with the item "x"'],
  ['"x"', 'the message is "x"'],
  ["{}", "it is any message at all"],
])("%s: %s", (text, words) => {
  expect(conditionsOf(parseExact(text)).map(conditionText)).toEqual([words]);
});

describe("what is typed for a value", () => {
  test.each([
    "12345678901234567890",
    "1.5",
    "-0.0000000000000000001",
    '"x"',
    "true",
    "false",
    "null",
    '{"a":[1]}',
  ])("%s is the same value again", (text) => {
    const value = parseExact(text);
    expect(readTyped(kindOf(value), typedOf(value))).toEqual({ value });
  });

  test("no number, and no JSON, is said", () => {
    expect(readTyped("number", "012")).toHaveProperty("problem");
    expect(readTyped("number", "")).toHaveProperty("problem");
    expect(readJson("{form: B}")).toHaveProperty("problem");
  });
});

test("places are written as jobs write them", () => {
  expect(pathText(["a", null, "b c", "ü"])).toBe('a[]["b c"].ü');
  expect(pathText(["b c", "d"])).toBe('["b c"].d');
});
