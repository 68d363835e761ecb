import fc from "fast-check";
import { expect, test } from "vitest";
import { excerptOf } from "./excerpt";
import { fold } from "./fold";
import { cutAt, marksIn } from "./marks";
import { searchTerms } from "./terms";

const marked = (text: string, search: string) => {
  const marks = marksIn(text, searchTerms(search));
  return cutAt(text, marks).filter((_, index) => index % 2 === 1);
};

test.each([
  ["abcABC", "b", ["b", "B"]],
  ["Ame\u0301lie AMÉLIE", "amélie", ["Ame\u0301lie", "AMÉLIE"]],
  ["İİ x", "i", ["İİ"]],
  ["İ x", "x", ["x"]],
  ["😊 né", "né", ["né"]],
  ["a😊b", "😊", ["😊"]],
  ["<b>&amp;</b>", "<b>", ["<b>"]],
  ["foobar", "foo oba", ["fooba"]],
  ["a \n b", '"a b"', ["a \n b"]],
  ["nothing", "else", []],
])("of %j, %j marks %j", (text, search, pieces) => {
  expect(marked(text, search)).toEqual(pieces);
});

const letters = fc.constantFrom(
  "a",
  "B",
  "é",
  "e\u0301",
  "İ",
  "ς",
  "Σ",
  "😊",
  " ",
  "\u1100\u1161",
  "ß",
  "%",
  "Ж",
);

test("nothing of a text is lost, what is marked is what was found, and no letter is cut", () => {
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 30 }),
      fc.array(letters, { minLength: 1, maxLength: 4 }),
      (a, b) => {
        const text = a.join("");
        const terms = searchTerms(b.join(""));
        const parts = cutAt(text, marksIn(text, terms));
        expect(parts.join("")).toBe(text);
        const pieces = parts.filter((_, index) => index % 2 === 1);
        const found = terms.filter((term) => term.find(fold(text)));
        expect(pieces.length > 0).toBe(found.length > 0);
        for (const piece of pieces) expect(terms.some((term) => term.find(fold(piece)))).toBe(true);
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
      },
    ),
  );
});

test("an excerpt is one line with every term in it, as far as they are few", () => {
  const long = `${"x ".repeat(500)}Amina\n\nDiallo ${"y ".repeat(500)}the 😊 end`;
  const terms = searchTerms("amina 😊");
  const excerpt = excerptOf(long, terms);
  for (const term of terms) expect(term.find(fold(excerpt)), excerpt).toBeDefined();
  expect(excerpt).not.toContain("\n");
  expect(excerpt.length).toBeLessThan(400);
  expect(excerpt.isWellFormed()).toBe(true);
});
