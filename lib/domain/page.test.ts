import { describe, expect, test } from "vitest";
import { pageInput, timelinePageInput, timeRange, toPage, toPageBy } from "./page";

const rows = ["a", "b", "c"].map((id) => ({ id }));

describe("a page", () => {
  test("knows that more follows by the row beyond its limit", () => {
    expect(toPage(rows, 2)).toEqual({ items: [{ id: "a" }, { id: "b" }], nextCursor: "b" });
    expect(toPage(rows, 3)).toEqual({ items: rows, nextCursor: null });
    expect(toPage([], 3)).toEqual({ items: [], nextCursor: null });
  });

  test("can be told where the next one begins", () => {
    expect(toPageBy(["x", "y"], 1, (last) => `${last}!`)).toEqual({ items: ["x"], nextCursor: "x!" });
  });

  test("holds 50 items unless asked for up to 200, or 100 of the large ones", () => {
    expect(pageInput.parse({})).toEqual({ limit: 50 });
    expect(pageInput.parse({ limit: "200" })).toEqual({ limit: 200 });
    expect(timelinePageInput.parse({ limit: "100" })).toEqual({ limit: 100 });
    for (const limit of ["0", "201", "1.5", "many"])
      expect(pageInput.safeParse({ limit }).success, limit).toBe(false);
    expect(timelinePageInput.safeParse({ limit: 101 }).success).toBe(false);
    expect(pageInput.safeParse({ cursor: "b" }).success).toBe(false);
  });
});

test("times are dates or ISO times, with or without an offset", () => {
  for (const from of ["2026-11-25", "2026-11-25T10:00", "2026-11-25T10:00:00Z", "2026-11-25T10:00:00+03:00"])
    expect(timeRange.parse({ from })).toEqual({ from });
  for (const to of ["today", "25.11.2026", ""]) expect(timeRange.safeParse({ to }).success, to).toBe(false);
});
