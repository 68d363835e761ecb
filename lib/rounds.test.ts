import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Rounds } from "./rounds";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const everyMs = 1_000;

it("does it again and again, also after it has thrown", async () => {
  const told: unknown[] = [];
  let rounds = 0;
  const work = async () => {
    if (++rounds === 2) throw new Error("away");
  };
  const some = new Rounds({ work, everyMs, onError: (error) => told.push(error) });
  some.start();
  expect(rounds).toBe(0);
  await vi.advanceTimersByTimeAsync(10 * everyMs);
  expect(rounds).toBeGreaterThanOrEqual(8);
  expect(told).toEqual([new Error("away")]);
  await some.stop();
});

it("takes a twentieth of the time at most, one round after the other", async () => {
  const tookMs = 500;
  let [rounds, underWay] = [0, 0];
  const work = async () => {
    rounds++;
    expect(++underWay).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    underWay--;
  };
  const slow = new Rounds({ work, everyMs });
  slow.start();
  await vi.advanceTimersByTimeAsync(100 * everyMs);
  expect(rounds).toBeGreaterThan(5);
  // Give or take what a timer may come early.
  expect(rounds).toBeLessThanOrEqual((100 * everyMs * 0.05) / (tookMs * 0.8) + 1);
  // One may be under way, whose end is a timer's.
  const stopped = slow.stop();
  await vi.advanceTimersByTimeAsync(tookMs);
  await stopped;
});

it("stops when the round that is under way has ended", async () => {
  let end = () => {};
  let rounds = 0;
  const work = () => {
    rounds++;
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  const held = new Rounds({ work, everyMs });
  held.start();
  await vi.advanceTimersByTimeAsync(2 * everyMs);
  expect(rounds).toBe(1);
  let isStopped = false;
  const stopped = held.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(everyMs);
  expect(isStopped).toBe(false);
  end();
  await stopped;
  await vi.advanceTimersByTimeAsync(100 * everyMs);
  expect(rounds).toBe(1);
});
