import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sayWaiting, waitingWords } from "./waiting.mjs";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a stop says what it waits for, for how long, and how to hurry it", () => {
  const words = (count: number, what: string, graceMs = 300_000) =>
    waitingWords({ name: "engine", graceMs, count, what });
  expect(words(3, "steps")).toBe("Waiting for 3 steps that run, up to 5 minutes; Ctrl-C again stops them");
  expect(words(1, "steps", 30_000)).toBe(
    "Waiting for 1 step that runs, up to 30 seconds; Ctrl-C again stops it",
  );
  expect(words(2, "requests", 60_000)).toBe(
    "Waiting for 2 requests, up to 60 seconds; Ctrl-C again stops them",
  );
  expect(words(0, "")).toBe("Waiting for the engine, up to 5 minutes; Ctrl-C again stops it");
});

/** Waits as a stop does; `on` is what was said. */
function wait(isTTY: boolean) {
  const on: string[] = [];
  let waits = { count: 3, what: "steps" };
  const stop = sayWaiting({
    name: "engine",
    graceMs: 300_000,
    waits: () => waits,
    say: (words) => on.push(words),
    screen: { isTTY, write: (text) => on.push(text) },
  });
  return { on, stop, left: (count: number) => (waits = { count, what: "steps" }) };
}

it("says nothing of what ends at once", () => {
  const { on, stop } = wait(false);
  vi.advanceTimersByTime(1000);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(on).toEqual([]);
});

it("says it once in a log, again when the number changes, and now and then that it still waits", () => {
  const { on, stop, left } = wait(false);
  vi.advanceTimersByTime(5_000);
  expect(on).toEqual(["Waiting for 3 steps that run, up to 5 minutes; Ctrl-C again stops them."]);
  left(1);
  vi.advanceTimersByTime(5_000);
  expect(on).toHaveLength(2);
  expect(on[1]).toMatch(/^Waiting for 1 step that runs.* seconds so far\)\.$/);
  vi.advanceTimersByTime(20_000);
  expect(on).toHaveLength(3);
  stop();
});

it("counts in a terminal, on one line that it takes away", () => {
  const { on, stop } = wait(true);
  vi.advanceTimersByTime(5_000);
  expect(on.length).toBeGreaterThan(2);
  for (const text of on) expect(text).toContain("\r\u001b[2KWaiting for 3 steps");
  stop();
  expect(on.at(-1)).toBe("\r\u001b[2K");
});
