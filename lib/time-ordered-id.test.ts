import { expect, it } from "vitest";
import { newTimeOrderedId } from "./time-ordered-id";

it("makes ids of version 7 that are in order, of which no two share what is random", () => {
  const ids = Array.from({ length: 5_000 }, newTimeOrderedId);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids.map((id) => id.slice(19))).size).toBe(ids.length);
});
