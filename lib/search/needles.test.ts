import fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "./fold";
import { needlesOf } from "./needles";
import { searchTerms, withOthers } from "./terms";

const needles = (search: string) => needlesOf(searchTerms(search));

test.each([
  ["amina visit", [["amina"], ["visit"]]],
  ["Amélie", [["lie"]]],
  ['"Amina Diallo"', [["diallo"]]],
  ["a/b", [["a"]]],
  ["é", []],
  ["é visit", [["visit"]]],
  ['"', []],
])("of %j they are %j", (search, found) => {
  expect(needles(search)).toEqual(found);
});

test("a term that may be written otherwise has one for each spelling, or none at all", () => {
  const [term] = searchTerms("amina");
  if (!term) throw new Error("no term");
  expect(needlesOf([withOthers(term, ["[redacted 12ab]"])])).toEqual(
    [["amina", "redacted"]].map(([a]) => [a, "[redacted"]),
  );
  expect(needlesOf([withOthers(term, ["é"])])).toEqual([]);
});

test("where a term is found, one of its needles is in the bytes, but for the letters that fold into others", () => {
  const letters = fc.constantFrom("a", "B", "é", "e\u0301", "x", " ", "%", "Ж", "ß", "1", "/", '"');
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 20 }),
      fc.array(letters, { minLength: 1, maxLength: 3 }),
      (a, b) => {
        const text = a.join("");
        const terms = searchTerms(b.join(""));
        if (!terms.every((term) => term.find(fold(text)))) return;
        for (const one of needlesOf(terms))
          expect(one.some((needle) => text.toLowerCase().includes(needle))).toBe(true);
      },
    ),
  );
});
