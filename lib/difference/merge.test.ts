import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineConflict, mergeLines } from "./merge";

const shown = ({ base, yours, theirs }: LineConflict) => ["<", ...yours, "|", ...base, "=", ...theirs, ">"];
const merged = (base: string, yours: string, theirs: string) =>
  mergeLines(
    base.split("").join("\n"),
    yours.split("").join("\n"),
    theirs.split("").join("\n"),
    shown,
  ).replaceAll("\n", "");

describe("mergeLines", () => {
  it("takes what either side changed", () => {
    expect(merged("abcdef", "aBcdef", "abcdEf")).toBe("aBcdEf");
    expect(merged("abcdef", "abcdefg", "xabcdef")).toBe("xabcdefg");
    expect(merged("abcdef", "adef", "abcdeXf")).toBe("adeXf");
  });

  it("takes once what both changed alike", () => {
    expect(merged("abc", "aXc", "aXc")).toBe("aXc");
    expect(merged("abcde", "aXcd", "aXcde")).toBe("aXcd");
  });

  it("shows all three where both changed the same, or beside each other", () => {
    expect(merged("abc", "aXc", "aYc")).toBe("a<X|b=Y>c");
    expect(merged("abc", "ac", "aYc")).toBe("a<|b=Y>c");
    expect(merged("ab", "aXb", "aYb")).toBe("a<X|=Y>b");
    expect(merged("abcd", "aXcd", "abYd")).toBe("a<Xc|bc=bY>d");
  });

  const lines = fc
    .array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 })
    .map((some) => some.join("\n"));

  it("is one side where the other changed nothing, or the same", () => {
    fc.assert(
      fc.property(lines, lines, (base, changed) => {
        const never = () => expect.unreachable("a conflict");
        expect(mergeLines(base, changed, base, never)).toBe(changed);
        expect(mergeLines(base, base, changed, never)).toBe(changed);
        expect(mergeLines(base, changed, changed, never)).toBe(changed);
      }),
      { numRuns: 500, seed: 12 },
    );
  });

  it("loses no line that either side has: what is gone was taken away by one of them", () => {
    const count = (text: string, line: string) => text.split("\n").filter((one) => one === line).length;
    fc.assert(
      fc.property(lines, lines, lines, (base, yours, theirs) => {
        const both = mergeLines(base, yours, theirs, (one) => [...one.yours, ...one.theirs]);
        const mirrored = mergeLines(base, theirs, yours, (one) => [...one.theirs, ...one.yours]);
        expect(mirrored).toBe(both);
        for (const line of ["a", "b", "c", "d"]) {
          const least = Math.min(count(yours, line), count(theirs, line));
          const gained = Math.max(count(yours, line), count(theirs, line)) - count(base, line);
          if (gained > 0) expect(count(both, line)).toBeGreaterThanOrEqual(gained);
          if (least > count(base, line)) expect(count(both, line)).toBeGreaterThanOrEqual(least);
        }
      }),
      { numRuns: 500, seed: 12 },
    );
  });

  it("is bounded: texts that are too different are one conflict", { timeout: 60_000 }, () => {
    const text = (word: string) => Array.from({ length: 60_000 }, (_, n) => `${word} ${n}`).join("\n");
    const conflicts: LineConflict[] = [];
    mergeLines(text("a"), text("b"), text("c"), (one) => {
      conflicts.push(one);
      return one.yours;
    });
    expect(conflicts).toHaveLength(1);
  });
});
