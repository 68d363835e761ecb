import { describe, expect, it } from "vitest";
import { sqlJson } from "@/lib/sql-json";
import { completeEvent, parseOps } from "./protocol";
import { RunEdit } from "./run-edit";
import type { KnownStep, LockedRun } from "./state";

const run = (over: Partial<LockedRun> = {}): LockedRun => ({
  id: "R",
  fn: "f",
  events: [completeEvent({ id: "E", name: "a/b", data: { id: 1 } })],
  status: "running",
  stack: [],
  planned: false,
  version: 2,
  steps: {},
  ...over,
});
const pending = (op: string): KnownStep => ({ op, done: false });
const done: KnownStep = { op: "StepRun", done: true };
const edit = (locked: LockedRun, ...ops: Record<string, unknown>[]) => {
  const made = new RunEdit(locked);
  made.apply(parseOps(ops), 2);
  return made.toJson();
};

describe("what an answer changes", () => {
  it("one finished step asks for the next look", () => {
    expect(edit(run(), { id: "a", op: "StepRun", data: 1 })).toMatchObject({
      stack: ["a"],
      planned: false,
      steps: [{ id: "a", done: true, state: { data: 1 } }],
      queue: [{ id: "R|d1", step: "step" }],
    });
  });

  it("several steps at once are all planned before anything runs", () => {
    expect(edit(run(), { id: "a", op: "StepPlanned" }, { id: "b", op: "StepPlanned" })).toMatchObject({
      planned: true,
      queue: [
        { id: "R|a", step: "a" },
        { id: "R|b", step: "b" },
      ],
    });
  });

  it("a step of a wave waits for its siblings", () => {
    const wave = run({ planned: true, steps: { a: pending("StepPlanned"), b: pending("StepPlanned") } });
    expect(edit(wave, { id: "a", op: "StepRun" })).toMatchObject({ planned: true, queue: [] });
  });

  it("the last step of a wave ends planning", () => {
    const wave = run({ planned: true, stack: ["a"], steps: { a: done, b: pending("StepPlanned") } });
    expect(edit(wave, { id: "b", op: "StepRun" })).toMatchObject({ planned: false, queue: [{ id: "R|d2" }] });
  });

  it("steps reported again are not run again", () => {
    const known = run({ steps: { a: pending("StepPlanned") } });
    expect(edit(known, { id: "a", op: "StepPlanned" })).toMatchObject({ steps: [], queue: [] });
    const old = run({ stack: ["a"], steps: { a: done } });
    expect(edit(old, { id: "a", op: "StepPlanned" })).toMatchObject({ steps: [], queue: [{ id: "R|d1" }] });
    expect(edit(old, { id: "a", op: "StepRun", data: 2 })).toMatchObject({ stack: ["a"], steps: [] });
  });

  it("a sleep is waited for without a call", () => {
    expect(edit(run(), { id: "s", op: "Sleep", name: "3s" })).toMatchObject({
      steps: [{ id: "s", done: false }],
      timers: [{ id: "R|s", kind: "sleep", step: "s", delay: 3000 }],
      queue: [],
    });
  });

  it("the end needs no more looks", () => {
    expect(edit(run(), { id: "a", op: "StepRun" }, { id: "c", op: "RunComplete", data: 7 })).toMatchObject({
      status: "completed",
      output: 7,
      stack: ["a"],
      queue: [],
    });
  });
});

it("a run wakes once, however often its time is said to be over", () => {
  const made = new RunEdit(run({ steps: { w: pending("Sleep") } }));
  for (const step of ["w", "w", "unknown"]) made.wake(step);
  expect(made.toJson()).toMatchObject({ stack: ["w"], clear: ["R|w"], queue: [{ id: "R|d1" }] });
});

it("text that jsonb refuses is repaired, other text is kept byte for byte", () => {
  expect(sqlJson({ "k\0": ["a\0b", "\ud800", "\ud83d\ude00"] })).toBe(
    '{"k\ufffd":["a\ufffdb","\ufffd","\ud83d\ude00"]}',
  );
  expect(sqlJson({ plain: "\\u0000 as text" })).toBe('{"plain":"\\\\u0000 as text"}');
  expect(sqlJson(undefined)).toBe("null");
});
