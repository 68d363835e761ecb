import { expect, test } from "vitest";
import { askedStatement } from "./asked";

const made = askedStatement<{ id: string; n: number | null }>(
  { id: "uuid", n: "int" },
  "select id from asked",
);

test("one row is asked for with plain values", () => {
  expect(made.of([{ id: "a", n: null }])).toEqual({
    text: "with asked as materialized (select $1::uuid as id, $2::int as n), select id from asked",
    values: ["a", null],
    isOne: true,
  });
});

test("several are asked for with a list a column, in their order", () => {
  const { text, values, isOne } = made.of([
    { id: "a", n: 1 },
    { id: "b", n: null },
  ]);
  expect(isOne).toBe(false);
  expect(text).toContain("$1::uuid[] as ids, $2::int[] as ns offset 0");
  expect(values).toEqual([
    ["a", "b"],
    [1, null],
  ]);
});
