import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WaitingWork } from "./waiting-work";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks of which each takes `tookMs` by the clock of the test. */
function door({ waits = true, tookMs = 0 } = {}) {
  let looks = 0;
  const work = new WaitingWork({
    look: async () => {
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      return waits;
    },
  });
  return { work, looks: () => looks };
}

it("nobody looks while little is stored, and nothing is thought to wait", async () => {
  const { work, looks } = door();
  for (let i = 0; i < 31; i++) work.stored(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([looks(), work.isThere]).toEqual([0, false]);
});

it("looks while much is stored, four times a second and a twentieth of the time at most", async () => {
  for (const [tookMs, most] of [
    [1, 4],
    [50, 1],
  ] as const) {
    const { work, looks } = door({ tookMs });
    for (let ms = 0; ms < 1_000; ms++) {
      work.stored(2);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(looks()).toBeLessThanOrEqual(most);
    expect([looks() > 0, work.isThere]).toEqual([true, true]);
  }
});

it("what was seen counts for a moment, and is looked at again as long as anything is stored", async () => {
  const { work, looks } = door();
  work.stored(32);
  await vi.advanceTimersByTimeAsync(300);
  work.stored(1);
  expect(looks()).toBe(2);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(work.isThere).toBe(true);
  await vi.advanceTimersByTimeAsync(200);
  expect(work.isThere).toBe(false);
  const quiet = door({ waits: false });
  quiet.work.stored(32);
  await vi.advanceTimersByTimeAsync(1);
  expect([quiet.looks(), quiet.work.isThere]).toEqual([1, false]);
});

it("a look that fails leaves everything as it was", async () => {
  const work = new WaitingWork({ look: () => Promise.reject(new Error("away")) });
  work.stored(100);
  await vi.advanceTimersByTimeAsync(1);
  expect(work.isThere).toBe(false);
});
