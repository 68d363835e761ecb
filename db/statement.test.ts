import { expect, test } from "vitest";
import { statement } from "./statement";

test("a named parameter has one number wherever it stands, and its value is in that place", () => {
  const made = statement<{ a: number; b: string | null }>((p) => `${p.b} ${p.a} ${p.b}`);
  expect(made.text).toBe("$1 $2 $1");
  expect(made.values({ a: 1, b: null })).toEqual([null, 1]);
  expect(made.values({ b: "x", a: 2 })).toEqual(["x", 2]);
});
