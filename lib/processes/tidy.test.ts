import { setImmediate as immediate } from "node:timers/promises";
import vm from "node:vm";
import { expect, test } from "vitest";
import { collect, Rests } from "./tidy.mjs";

/** Of looks with these shares of a core, and megabytes of memory, which ones say that there is something to give back. */
const saidAt = (looks: [share: number, mb: number][]): number[] => {
  const rests = new Rests();
  return looks.flatMap(([share, mb], at) => (rests.look({ share, bytes: mb * 2 ** 20 }) ? [at] : []));
};

const idle = 0.075;

test("a process tidies once after its start, and once after each load", () => {
  expect(
    saidAt([
      [1, 90],
      [0.5, 95],
      [idle, 95],
      [0.01, 70],
      [idle, 71],
    ]),
  ).toEqual([2]);
  expect(
    saidAt([
      [0, 90],
      [0, 70],
      [0.9, 130],
      [idle, 130],
      [0, 75],
      [0.3, 110],
      [0, 110],
      [0, 76],
    ]),
  ).toEqual([0, 3, 6]);
});

test("a process that is never at rest, or has no more than it had, is left alone", () => {
  expect(
    saidAt([
      [0.9, 90],
      [0.15, 140],
      [0.9, 190],
      [0.13, 190],
    ]),
  ).toEqual([]);
  expect(
    saidAt([
      [0, 90],
      [0, 70],
      [0.9, 80],
      [0.01, 80],
      [0.9, 85],
      [0.01, 85],
    ]),
  ).toEqual([0]);
});

test("a process that seemed to be at rest while it waited for the machine gives back what came then, too", () => {
  expect(
    saidAt([
      [idle, 60],
      [0.9, 130],
      [idle, 130],
      [idle, 80],
    ]),
  ).toEqual([0, 2]);
});

test("what was given back late counts from where it ended", () => {
  expect(
    saidAt([
      [0, 90],
      [0, 88],
      [0, 60],
      [0.9, 77],
      [0, 77],
    ]),
  ).toEqual([0, 4]);
});

test("what a load left is given back, and V8's collector to nobody else", async () => {
  const left = { rows: Array.from({ length: 2_000_000 }, (_, i) => ({ i })) };
  const before = process.memoryUsage().heapUsed;
  left.rows = [];
  await immediate();
  collect();
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 32 * 2 ** 20);
  expect([typeof globalThis.gc, vm.runInNewContext("typeof gc")]).toEqual(["undefined", "undefined"]);
});
