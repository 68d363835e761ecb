import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineNow, mergeCode } from "./code-change";

const text = (...lines: string[]) => lines.join("\n");

describe("where a line of the code that ran stands now", () => {
  test("is where it stood while the code is the same", () => {
    expect(lineNow("a\nb\nc", "a\nb\nc", 2)).toEqual({ line: 2, isSame: true });
  });

  test("moves with what is put before it, and with what is taken away", () => {
    expect(lineNow(text("a", "b", "c"), text("x", "a", "y", "b", "c"), 2)).toEqual({ line: 4, isSame: true });
    expect(lineNow(text("a", "b", "c"), text("c"), 3)).toEqual({ line: 1, isSame: true });
  });

  test("of one that was changed is its place, and never outside", () => {
    expect(lineNow(text("a", "b", "c"), text("a", "B", "c"), 2)).toEqual({ line: 2, isSame: false });
    expect(lineNow(text("a", "b"), text("a"), 2)).toEqual({ line: 1, isSame: false });
    expect(lineNow("a", "", 1)).toEqual({ line: 1, isSame: false });
  });

  test("is the same line whenever it says so, whatever the two are", () => {
    const code = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(code, code, fc.nat(), (old, young, n) => {
        const line = (n % old.length) + 1;
        const found = lineNow(old.join("\n"), young.join("\n"), line);
        expect(found.line).toBeGreaterThanOrEqual(1);
        expect(found.line).toBeLessThanOrEqual(young.length);
        if (found.isSame) expect(young[found.line - 1]).toBe(old[line - 1]);
      }),
    );
  });
});

describe("my change together with somebody else's", () => {
  test("is both, where they are apart", () => {
    const base = text("a", "b", "c", "d", "e");
    expect(mergeCode(base, text("A", "b", "c", "d", "e"), text("a", "b", "c", "d", "E"))).toEqual({
      code: text("A", "b", "c", "d", "E"),
      collisions: 0,
    });
  });

  test("keeps mine where both changed the same, and says how often", () => {
    expect(mergeCode("a\nb\nc", "a\nmine\nc", "a\ntheirs\nc")).toEqual({ code: "a\nmine\nc", collisions: 1 });
  });
});
