import { describe, expect, test } from "vitest";
import { fold } from "./fold";
import { literalTerm, searchTerms } from "./terms";

const textsOf = (search: string) => searchTerms(search).map(({ text }) => text);

describe("what a search asks for", () => {
  test.each([
    ["Amina Diallo", ["amina", "diallo"]],
    ['"Amina Diallo" visit', ["amina diallo", "visit"]],
    ['"said ""no"""', ['said "no"']],
    ["50% a_b C:\\temp .*", ["50%", "a_b", "c:\\temp", ".*"]],
    ['5" pipe', ['5"', "pipe"]],
    ['"never closed', ['"never', "closed"]],
    ['""', ['""']],
    ['"', ['"']],
    ['" "', ['" "']],
    ["   ", []],
    ["", []],
    ["a a A", ["a"]],
    ["Amina\u00a0Diallo", ["amina", "diallo"]],
    ["a\u0000b", ["a\ufffdb"]],
  ])("%j is %j", (search, terms) => {
    expect(textsOf(search)).toEqual(terms);
  });

  test("a phrase's white space is like any other, and all else in it stands for itself", () => {
    const [phrase] = searchTerms('"a.b (c)"');
    expect(phrase?.find(fold("x A.B\n\t(C)"))).toEqual({ start: 2, end: 10 });
    expect(phrase?.find(fold("axb (c)"))).toBeUndefined();
  });

  test("two hundred characters of anything are read", () => {
    for (const one of ['"', '""', '" ', "a ", "\\", "("]) {
      const long = one.repeat(200 / one.length);
      for (const term of searchTerms(long)) expect(term.find(fold(long)), long).toBeDefined();
    }
  });
});

test("what is looked for as it stands keeps its quotes", () => {
  expect(literalTerm('"a b"').find('x "a b" y')).toEqual({ start: 2, end: 7 });
});

describe("letters that are one", () => {
  test.each([
    ["É", "é"],
    ["e\u0301", "é"],
    ["ИВАН", "иван"],
    ["ΟΔΟΣ", "οδος"],
    ["İstanbul", "istanbul"],
    ["각", "\u1100\u1161\u11a8"],
  ])("%s and %s", (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  test.each([
    ["e", "é"],
    ["ss", "ß"],
    ["Å", "A"],
  ])("but not %s and %s", (one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });
});
