import { expect, test } from "vitest";
import { parseExact } from "@/lib/exact-json";
import { parseJsonPath } from "@/lib/json-path";
import { asksForMasked } from "./asks";

test.each<[path: string, filter: string, asks: boolean]>([
  ["$.patient.name", '{"patient":{"name":"Amina"}}', true],
  ["$.patient.name", '{"patient":{"name":{}}}', true],
  ["$.patient.name", '{"patient":{"id":7}}', false],
  ["$.patient.name", '{"patient":{}}', false],
  ["$.patient", '{"patient":{"id":7}}', true],
  ["$.data.patient.name", '{"patient":{"name":"Amina"}}', true],
  ["$..name", '{"a":{"b":[{"name":"Amina"}]}}', true],
  ["$..name", '{"a":{"b":[{"id":1}]}}', false],
  ["$.patient['id','name']", '{"patient":{"name":"Amina"}}', true],
  ["$.patient.*", '{"patient":{"name":"Amina"}}', true],
  // An item of a filter's list may be any of the message's.
  ["$.children[1].name", '{"children":[{"name":"Amina"}]}', true],
  ["$.children[-1].name", '{"children":[{"id":1},{"name":"Amina"}]}', true],
  ["$.children[2:4].name", '{"children":[{"name":"Amina"}]}', true],
  ["$.children[1].name", '{"children":[{"id":7}]}', false],
  ["$.codes[3]", '{"codes":[12]}', true],
  ["$[2]", "[5]", true],
  ["$[2]", "5", true],
  ["$.a", "5", false],
  ["$.a", '"all of a text"', true],
])("whether %s is asked for by %s: %s", (path, filter, asks) => {
  expect(asksForMasked(parseExact(filter), [parseJsonPath(path)])).toBe(asks);
});

test("no filter asks for nothing", () => {
  expect(asksForMasked(null, [parseJsonPath("$..a")])).toBe(false);
});
