import { expect, test } from "vitest";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import { mismatchOf } from "./containment";

const why = (content: string, filter: string) => {
  const mismatch = mismatchOf(parseExact(content), parseExact(filter));
  if (mismatch === null) return null;
  const { path, wanted, came } = mismatch;
  return [
    path.join("."),
    mismatch.why,
    stringifyExact(wanted),
    came === undefined ? null : stringifyExact(came),
  ];
};

test.each<[content: string, filter: string, expected: ReturnType<typeof why>]>([
  ['{"form":"visit"}', "{}", null],
  ["[1]", "{}", null],
  ["null", "{}", null],
  ['{"form":"visit","n":1}', '{"form":"visit"}', null],
  ['{"form":"visit"}', '{"form":"referral"}', ["form", "different", '"referral"', '"visit"']],
  ['{"a":{"b":{"c":1}}}', '{"a":{"b":{"c":1,"d":2}}}', ["a.b.d", "missing", "2", null]],
  ['{"a":null}', '{"a":{"b":1}}', ["a", "different", '{"b":1}', "null"]],
  ['{"a":[]}', '{"a":{}}', ["a", "different", "{}", "[]"]],
  ['{"toString":1}', '{"constructor":{}}', ["constructor", "missing", "{}", null]],
  ['{"a":1}', '{"__proto__":{}}', ["__proto__", "missing", "{}", null]],
  ['{"n":12345678901234567890.10}', '{"n":12345678901234567890.1}', null],
  [
    '{"n":12345678901234567890}',
    '{"n":12345678901234567891}',
    ["n", "different", "12345678901234567891", "12345678901234567890"],
  ],
  ['{"n":100}', '{"n":1e2}', null],
  ['{"n":1}', '{"n":"1"}', ["n", "different", '"1"', "1"]],
  ['{"t":["a","b"]}', '{"t":["b","a","b"]}', null],
  ['{"t":["a"]}', '{"t":["a","b"]}', ["t", "no_item", '"b"', '["a"]']],
  ['{"t":["a"]}', '{"t":"a"}', ["t", "different", '"a"', '["a"]']],
  ['{"t":[{"k":1,"v":2}]}', '{"t":[{"k":1}]}', null],
  ['{"t":[{"k":1,"v":2}]}', '{"t":[{"k":2}]}', ["t", "no_item", '{"k":2}', '[{"k":1,"v":2}]']],
  ["[1,2]", "2", null],
  ["[1,2]", "3", ["", "no_item", "3", "[1,2]"]],
  ["[[1]]", "1", ["", "no_item", "1", "[[1]]"]],
  ["1", "[1]", ["", "different", "[1]", "1"]],
  ['"text"', '{"form":"visit"}', ["", "different", '{"form":"visit"}', '"text"']],
])("of %s the filter %s: %j", (content, filter, expected) => {
  expect(why(content, filter)).toEqual(expected);
});

test("what would take too long to compare is said to be unknown", () => {
  const objects = (count: number, more: string) =>
    `[${Array.from({ length: count }, (_, i) => `{"i":${i}${more}}`).join()}]`;
  const [path, reason] = why(`{"l":${objects(600, "")}}`, `{"l":${objects(600, ',"j":[]')}}`) ?? [];
  expect([path, reason]).toEqual(["l", "no_item"]);
  expect(why(`{"l":${objects(600, "")}}`, `{"l":${objects(600, "")}}`)?.[1]).toBe("unknown");
});
