import { setImmediate as immediate } from "node:timers/promises";
import vm from "node:vm";
import { expect, test } from "vitest";
import { collect, Rests } from "./tidy";

/** Of looks with these shares of a core, which ones say that work is over. */
const saidAt = (shares: number[]): number[] => {
  const rests = new Rests();
  return shares.flatMap((share, at) => (rests.look(share) ? [at] : []));
};

test("a process tidies once after its start, and once after each load", () => {
  expect(saidAt([1, 0.5, 0.01, 0, 0.01, 0])).toEqual([2]);
  expect(saidAt([0, 0, 0.9, 0.9, 0.01, 0, 0.3, 0])).toEqual([0, 4, 7]);
});

test("a process that is never at rest, or does a little all the time, is left alone", () => {
  expect(saidAt([0.9, 0.05, 0.9, 0.03])).toEqual([]);
  expect(saidAt([0, 0.05, 0.01, 0.05, 0.01])).toEqual([0]);
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
