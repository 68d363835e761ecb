import { expect, test } from "vitest";
import { LruMap } from "./lru-map";

const kept = (map: LruMap<string, unknown>, keys: string) =>
  [...keys].filter((key) => map.delete(key)).join("");

test("what was used longest ago goes first, and never more than the bound stays", () => {
  const map = new LruMap<string, number>(3);
  for (const key of "abc") map.set(key, 1);
  map.get("a");
  map.set("b", 2);
  map.set("d", 1);
  expect([map.size, map.get("b"), map.get("c")]).toEqual([3, 2, undefined]);
  expect(kept(map, "abcd")).toBe("abd");
  for (let n = 0; n < 1000; n++) map.set(String(n), n);
  expect([map.size, map.get("996"), map.get("999")]).toEqual([3, undefined, 999]);
});

test("what is missing is made once; what could not be made is tried again", () => {
  const map = new LruMap<string, number | undefined>(2);
  let made = 0;
  const make = () => ++made;
  expect([map.getOrMake("a", make), map.getOrMake("a", make)]).toEqual([1, 1]);
  expect(() =>
    map.getOrMake("b", () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect([map.size, map.getOrMake("b", make)]).toEqual([1, 2]);
  map.getOrMake("a", make);
  map.getOrMake("c", () => undefined);
  expect([map.getOrMake("c", make), map.getOrMake("a", make), map.getOrMake("b", make)]).toEqual([
    undefined,
    1,
    3,
  ]);
});

test("what is heavy counts by its weight; the newest stays whatever it weighs", () => {
  const map = new LruMap<string, number>(10, 100);
  map.set("a", 1, 60);
  map.set("b", 2, 60);
  expect([map.get("a"), map.get("b")]).toEqual([undefined, 2]);
  map.set("b", 3, 10);
  map.getOrMake("c", () => 4, 90);
  expect([map.get("b"), map.get("c"), map.size]).toEqual([3, 4, 2]);
  map.set("d", 5, 1_000);
  expect([map.get("d"), map.size]).toEqual([5, 1]);
  map.delete("d");
  map.set("e", 6, 100);
  expect(map.get("e")).toBe(6);
});
