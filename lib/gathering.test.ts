import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathering } from "./gathering";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function arriving(everyMs: number, count: number, gathering = new Gathering()): Gathering {
  for (let n = 0; n < count; n++) {
    vi.advanceTimersByTime(everyMs);
    gathering.came();
  }
  return gathering;
}

test("others are waited for while they come often, until half of them have come", () => {
  const gathering = arriving(5, 10);
  expect([1, 2, 3, 4, 5].map((waiting) => gathering.isWorthIt(waiting, 8))).toEqual([
    ...[true, true, true],
    ...[false, false],
  ]);
  expect(gathering.isWorthIt(1, 1)).toBe(false);
  expect(gathering.isWorthIt(1, 0)).toBe(false);
});

test("nobody waits for others that take long, nor after a pause", () => {
  expect(new Gathering().isWorthIt(1, 8)).toBe(false);
  expect(arriving(25, 10).isWorthIt(1, 8)).toBe(false);
  const gathering = arriving(5, 10);
  expect(arriving(25, 10, gathering).isWorthIt(1, 8)).toBe(false);
  expect(arriving(5, 10, gathering).isWorthIt(1, 8)).toBe(true);
});
