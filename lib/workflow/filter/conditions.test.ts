import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";
import { mismatchOf } from "@/lib/workflow/containment";
import {
  type Condition,
  conditionsAt,
  conditionsOf,
  contradicted,
  filterOf,
  isSameCondition,
  withCondition,
} from "./conditions";

const key = fc.constantFrom("a", "b", "c", "1", "a.b", "__proto__", "é");
const scalar = fc.oneof(
  fc.constantFrom("1", "1.0", "12345678901234567890", "1.50", "true", "false", "null"),
  fc.constantFrom("", "a", "B", "é").map((text) => JSON.stringify(text)),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 3, selector: ([k]) => k })
      .map((pairs) => `{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${v}`).join()}}`),
  ),
}));
/** What a filter or a message may be; a filter of `null` is none. */
const json = value.filter((text) => text !== "null").map(parseExact);

test("a filter becomes its conditions and is the same again, digit for digit", () => {
  fc.assert(
    fc.property(json, (filter) => {
      expect(stringifyExact(filterOf(conditionsOf(filter)))).toBe(stringifyExact(filter));
    }),
    { numRuns: 500 },
  );
  expect(conditionsOf(null)).toEqual([]);
  expect(filterOf([])).toBeNull();
});

test("a message contains a filter exactly when it contains each of its conditions", () => {
  fc.assert(
    fc.property(json, json, (content, filter) => {
      const each = conditionsOf(filter).every((one) => mismatchOf(content, filterOf([one]) ?? {}) === null);
      expect(each).toBe(mismatchOf(content, filter) === null);
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(json, (content) => {
      for (const one of conditionsOf(content)) expect(mismatchOf(content, filterOf([one]) ?? {})).toBeNull();
    }),
  );
});

/** Every value of a message, as a click on it asks for it. */
function clicksOn(content: ExactJson): Condition[][] {
  const clicks: Condition[][] = [];
  const visit = (at: ExactJson, path: (string | null)[]) => {
    clicks.push(conditionsAt(path, at));
    if (typeof at !== "object" || at === null) return;
    if (Array.isArray(at)) for (const item of at) visit(item, [...path, null]);
    else if (Object.getPrototypeOf(at) === Object.prototype)
      for (const [name, one] of Object.entries(at)) visit(one, [...path, name]);
  };
  visit(content, []);
  return clicks;
}

test("clicks in one message never contradict each other, stay in the list, and match that message", () => {
  fc.assert(
    fc.property(json, fc.array(fc.nat(), { maxLength: 8 }), (content, picks) => {
      const clicks = clicksOn(content);
      const chosen = picks.flatMap((pick) => clicks[pick % clicks.length] ?? []);
      let conditions: Condition[] = [];
      for (const one of chosen) {
        expect(contradicted(conditions, one)).toEqual([]);
        conditions = withCondition(conditions, one);
      }
      const filter = filterOf(conditions);
      expect(filter === null ? null : mismatchOf(content, filter)).toBeNull();
      const again = conditionsOf(filter);
      expect(again).toHaveLength(conditions.length);
      for (const one of conditions) expect(again.some((other) => isSameCondition(one, other))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("of whatever is added in whatever order, what was added last is asked for", () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 4 }), json, (filters, last) => {
      let conditions: Condition[] = [];
      for (const one of [...filters, last].flatMap(conditionsOf)) conditions = withCondition(conditions, one);
      const filter = filterOf(conditions);
      expect(filter).not.toBeNull();
      expect(mismatchOf(filter ?? {}, last)).toBeNull();
      expect(conditionsOf(filter)).toHaveLength(conditions.length);
    }),
    { numRuns: 500 },
  );
});

describe("one more condition", () => {
  const of = (text: string) => conditionsOf(parseExact(text));
  const added = (text: string, more: string) =>
    stringifyExact(filterOf(of(more).reduce(withCondition, of(text))));

  test.each<[name: string, before: string, more: string, after: string]>([
    ["another key stands beside it", '{"form":"B"}', '{"test":true}', '{"form":"B","test":true}'],
    ["the same again changes nothing", '{"n":1.0}', '{"n":1}', '{"n":1}'],
    ["another value takes its place", '{"a":1,"form":"B","z":2}', '{"form":"C"}', '{"a":1,"form":"C","z":2}'],
    ["a value within takes the place of its presence", '{"p":{}}', '{"p":{"id":7}}', '{"p":{"id":7}}'],
    [
      "the presence of what is asked for already adds nothing",
      '{"p":{"id":7}}',
      '{"p":{}}',
      '{"p":{"id":7}}',
    ],
    ["an item takes the place of the presence of its list", '{"t":[]}', '{"t":["x"]}', '{"t":["x"]}'],
    ["items of a list stand beside each other", '{"t":["x"]}', '{"t":["y"]}', '{"t":["x","y"]}'],
    ["what was a text is an object now", '{"p":"x"}', '{"p":{"id":7}}', '{"p":{"id":7}}'],
    [
      "a value takes the place of everything within",
      '{"p":{"a":1,"b":2},"q":3}',
      '{"p":"x"}',
      '{"p":"x","q":3}',
    ],
    ["anything is dropped for something", "{}", '{"a":1}', '{"a":1}'],
    [
      "exact digits stay",
      '{"n":12345678901234567890}',
      '{"m":1.0000000000000000001}',
      '{"n":12345678901234567890,"m":1.0000000000000000001}',
    ],
  ])("%s", (_, before, more, after) => {
    expect(added(before, more)).toBe(after);
  });

  test("and what it takes the place of is told", () => {
    const [first] = of('{"form":"C"}');
    if (!first) throw new Error("no condition");
    expect(contradicted(of('{"a":1,"form":"B"}'), first)).toEqual(of('{"form":"B"}'));
  });
});
