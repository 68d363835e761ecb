import { describe, expect, test } from "vitest";
import type { Page } from "@/lib/domain/page";
import { countAbove, replaceHead, updateInPlace } from "./pages";

type Item = { id: string; v?: number };
const page = (ids: string, nextCursor: string | null = ids.at(-1) ?? null): Page<Item> => ({
  items: [...ids].map((id) => ({ id })),
  nextCursor,
});
const ids = (pages: Page<Item>[]) => pages.flatMap((p) => p.items.map((i) => i.id)).join("");

describe("a live list", () => {
  test("takes new rows on top and keeps what lies below the fresh page", () => {
    expect(ids(replaceHead([page("fed"), page("cba", null)], page("gfe")))).toBe("gfedcba");
  });

  test("does not leave a gap when more arrived than a page holds", () => {
    expect(ids(replaceHead([page("cba")], page("zyx")))).toBe("zyx");
  });

  test("drops rows that no longer match the filter within the fresh page's reach", () => {
    expect(ids(replaceHead([page("fedc")], page("fdc")))).toBe("fdc");
    expect(ids(replaceHead([page("fe"), page("dc", null)], page("fd")))).toBe("fdc");
  });

  test("ends where the fresh page says that nothing is older", () => {
    expect(ids(replaceHead([page("cb"), page("a", null)], page("dc", null)))).toBe("dc");
  });

  describe("of a search, whose pages reach further than their rows", () => {
    const found = page("cb", null);

    test("keeps what was found further back, whatever is new above", () => {
      expect(ids(replaceHead([page("", "d"), found], page("", "f"), []))).toBe("cb");
      expect(ids(replaceHead([page("", "d"), found], page("z", "f"), []))).toBe("zcb");
      expect(replaceHead([page("", "d"), found], page("z", "f"), [])[0]?.nextCursor).toBe("d");
      expect(ids(replaceHead([page("x", "d"), found], page("zx", "f")))).toBe("zxcb");
    });

    test("keeps it when the fresh page did not come as far, but to all that is new", () => {
      expect(ids(replaceHead([page("b", null)], page("z", "f"), ["z", "y", "a"]))).toBe("zb");
      expect(ids(replaceHead([page("b", null)], page("z", "f"), ["z", "e"]))).toBe("z");
      expect(ids(replaceHead([page("b", null)], page("z", "f")))).toBe("z");
    });

    test("keeps that all was looked at, when nothing new was told of", () => {
      expect(replaceHead([page("", null)], page("", "f"), [])[0]?.nextCursor).toBe(null);
      expect(ids(replaceHead([page("", null)], page("z", "f"), []))).toBe("z");
    });

    test("keeps it when hints were missed, if the fresh page came as far back as the first had", () => {
      expect(ids(replaceHead([page("", "d"), found], page("z", "d")))).toBe("zcb");
      expect(ids(replaceHead([page("", "d"), found], page("z", "c")))).toBe("zb");
    });

    test("does not call that everything which was not looked at", () => {
      const after = replaceHead([page("", "d"), found], page("", "f"));
      expect(after).toEqual([page("", "f")]);
      expect(replaceHead([page("d", null)], page("", "f"))).toEqual([page("", "f")]);
    });

    test("drops rows that no longer match down to where the fresh page came", () => {
      expect(ids(replaceHead([page("zk", null)], page("z", "f")))).toBe("z");
    });
  });

  test("shows the first rows of an empty list", () => {
    expect(ids(replaceHead([{ items: [], nextCursor: null }], page("a", null)))).toBe("a");
  });

  test("updates rows without moving any", () => {
    const [only] = updateInPlace([page("cba")], [{ id: "b", v: 2 }, { id: "z" }]);
    expect(only?.items).toEqual([{ id: "c" }, { id: "b", v: 2 }, { id: "a" }]);
  });

  test("counts what waits above", () => {
    expect(countAbove([page("cba")], page("edc"))).toEqual({ count: 2, isMore: false });
    expect(countAbove([{ items: [], nextCursor: null }], page("e", null))).toEqual({
      count: 1,
      isMore: false,
    });
    expect(countAbove([page("cba")], page("fed"))).toEqual({ count: 3, isMore: true });
  });
});
