import { expect, test } from "vitest";
import { type Field, faultKinds, schedule } from "./schedule";

const field: Field = {
  targets: ["database", "runner-1", "web", "inbox", "engine-1"],
  parts: ["runner-1", "web", "engine-1"],
};
const seeds = Array.from({ length: 50 }, (_, seed) => seed);
const totalMs = 300_000;

test("a seed has its faults", () => {
  expect(schedule(7, field, { totalMs })).toEqual(schedule(7, field, { totalMs }));
  expect(schedule(7, field, { totalMs })).not.toEqual(schedule(8, field, { totalMs }));
});

test("every kind comes, and all are over in time", () => {
  const all = seeds.flatMap((seed) => schedule(seed, field, { totalMs }));
  expect(new Set(all.map((fault) => fault.kind))).toEqual(new Set(faultKinds));
  expect(all.filter((fault) => fault.atMs + fault.ms > totalMs)).toEqual([]);
});

test("only what was asked for comes", () => {
  const kinds = ["kill", "disk"] as const;
  const faults = schedule(1, field, { totalMs, kinds });
  expect(new Set(faults.map((fault) => fault.kind))).toEqual(new Set(kinds));
});

test("nothing is hit while it suffers already", () => {
  for (const seed of seeds) {
    const faults = schedule(seed, field, { totalMs }).filter((fault) => fault.target === "web");
    for (const [index, fault] of faults.slice(1).entries()) {
      const before = faults[index];
      expect(fault.atMs).toBeGreaterThanOrEqual((before?.atMs ?? 0) + (before?.ms ?? 0));
    }
  }
});
