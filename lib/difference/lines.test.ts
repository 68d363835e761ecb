import { describe, expect, test } from "vitest";
import { differenceOfTexts, newBudget, type TextDifference } from "./lines";

const shown = (found: TextDifference | null) =>
  found?.hunks.map((hunk) =>
    hunk.map(({ kind, text }) => `${{ kept: " ", removed: "-", added: "+" }[kind]}${text}`),
  );
const numbered = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}`);
const textOf = (lines: string[]) => `${lines.join("\n")}\n`;

/** What a reader would get who applies the shown lines to the older text. */
function applied(before: string, found: TextDifference): string {
  const old = before.split("\n");
  const out: string[] = [];
  let at = 0;
  for (const line of found.hunks.flat()) {
    if (line.old !== null) while (at < line.old - 1) out.push(old[at++] ?? "");
    if (line.kind !== "added") at++;
    if (line.kind !== "removed") out.push(line.text);
  }
  return [...out, ...old.slice(at)].join("\n");
}

describe("the difference of two texts", () => {
  test("is null for the same", () => {
    expect(differenceOfTexts("a\nb\n", "a\nb\n")).toBeNull();
  });

  test("shows what changed with three lines around, in places of their own", () => {
    const before = numbered(20);
    const after = before.map((line, i) => (i === 1 ? "second" : line)).filter((_, i) => i !== 15);
    const found = differenceOfTexts(textOf(before), textOf(after));
    expect(found).toMatchObject({ removed: 2, added: 1, isShortened: false });
    expect(shown(found)).toEqual([
      [" line 1", "-line 2", "+second", " line 3", " line 4", " line 5"],
      [" line 13", " line 14", " line 15", "-line 16", " line 17", " line 18", " line 19"],
    ]);
    expect(found?.hunks[1]?.[3]).toEqual({ kind: "removed", old: 16, new: null, text: "line 16" });
  });

  test("tells a text that ends without a line break from one that ends with it", () => {
    const found = differenceOfTexts("a\nb", "a\nb\n");
    expect(found?.hunks.flat().filter(({ kind }) => kind !== "kept")).toEqual([
      { kind: "removed", old: 2, new: null, text: "b", isUnended: true },
      { kind: "added", old: null, new: 2, text: "b" },
    ]);
  });

  test("of nothing and something is all of it", () => {
    expect(shown(differenceOfTexts("", "a\nb\n"))).toEqual([["+a", "+b"]]);
    expect(shown(differenceOfTexts("a\n", ""))).toEqual([["-a"]]);
  });

  test("leads from one to the other, whatever they are, and is the shortest way", () => {
    let state = 7;
    const below = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const some = () => Array.from({ length: below(12) }, () => "abcd"[below(4)] ?? "a");
    for (let i = 0; i < 500; i++) {
      const [before, after] = [some(), some()].map((lines) => (lines.length > 0 ? textOf(lines) : ""));
      const found = differenceOfTexts(before ?? "", after ?? "");
      if (found) expect(applied(before ?? "", found)).toBe(after);
      else expect(before).toBe(after);
      const same = longestCommon((before ?? "").split("\n"), (after ?? "").split("\n"));
      const [n, m] = [before, after].map((text) => (text ?? "").split("\n").length);
      expect((found?.removed ?? 0) + (found?.added ?? 0)).toBe((n ?? 0) + (m ?? 0) - 2 * same);
    }
  });

  test("is bounded: very different texts are removed and added, long ones cut, and it says so", () => {
    const [before, after] = [numbered(9_000), numbered(9_000).map((line) => `${line}!`)].map(textOf);
    const found = differenceOfTexts(before ?? "", after ?? "");
    expect(found).toMatchObject({ removed: 9_000, added: 9_000, isShortened: true });
    expect(found?.hunks.flat()).toHaveLength(newBudget().lines);
    const long = differenceOfTexts("a\n", `${"x".repeat(10_000)}\n`);
    expect(long?.isShortened).toBe(true);
    expect(long?.hunks.flat().at(-1)?.text).toHaveLength(401);
    const many = "y\n".repeat(90_000);
    expect(differenceOfTexts(many, `${many}z\n`)).toMatchObject({ added: 1, removed: 0, isShortened: false });
    const huge = "\n".repeat(2_000_000);
    expect(differenceOfTexts(huge, `${huge}z`)).toEqual({
      added: 2_000_001,
      removed: 2_000_000,
      hunks: [],
      isShortened: true,
    });
  });

  test("several texts share what may be shown", () => {
    const budget = { lines: 4, edits: 100 };
    expect(differenceOfTexts("a\n", "b\n", budget)?.hunks.flat()).toHaveLength(2);
    expect(differenceOfTexts("a\n", "b\nc\n", budget)).toMatchObject({ added: 2, isShortened: true });
    expect(differenceOfTexts("a\n", "b\n", budget)).toMatchObject({ hunks: [], isShortened: true });
  });
});

/** The textbook's table. */
function longestCommon(a: string[], b: string[]): number {
  const table = [new Array<number>(b.length + 1).fill(0)];
  for (const [i, x] of a.entries()) {
    const row = [0];
    for (const [j, y] of b.entries())
      row.push(x === y ? (table[i]?.[j] ?? 0) + 1 : Math.max(row[j] ?? 0, table[i]?.[j + 1] ?? 0));
    table.push(row);
  }
  return table.at(-1)?.at(-1) ?? 0;
}
