import { expect, test } from "vitest";
import { firstIdAt, idRange } from "./id-range";

const early = firstIdAt("2026-01-01");
const late = firstIdAt("2026-02-01T00:00:00Z");

test("a moment's first id sorts before every other id of that moment", () => {
  expect(early).toBe("019b76da-a800-7000-8000-000000000000");
  expect(early < late).toBe(true);
  expect(firstIdAt("1900-01-01")).toBe("00000000-0000-7000-8000-000000000000");
});

test("no bound, no limit", () => {
  expect(idRange({})).toEqual({ before: undefined, from: undefined });
});

test("the lower of cursor and end counts, however the cursor is written", () => {
  const beforeOf = (cursor: string, to: string) => idRange({ cursor, to }).before;
  expect(beforeOf(early, "2026-02-01")).toBe(early);
  expect(beforeOf(late.toUpperCase(), "2026-01-01")).toBe(early);
  expect(beforeOf(early.toUpperCase(), "2026-02-01")).toBe(early);
  expect(idRange({ from: "2026-01-01" })).toEqual({ before: undefined, from: early });
});
