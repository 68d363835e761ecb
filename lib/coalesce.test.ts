import { expect, test } from "vitest";
import { coalesce, coalesceItems } from "./coalesce";

const deferred = () => {
  let done = () => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { promise, done };
};
const turn = () => new Promise((resolve) => setTimeout(resolve));

test("calls during a run become one run after it, and none is lost", async () => {
  const runs: string[][] = [];
  const gates = [deferred(), deferred(), deferred()];
  const ask = coalesceItems<string>((items) => {
    runs.push(items);
    return gates[runs.length - 1]?.promise ?? Promise.resolve();
  });
  for (const item of ["a", "b", "c"]) ask(item);
  expect(runs).toEqual([["a"]]);
  gates[0]?.done();
  await gates[0]?.promise;
  await Promise.resolve();
  expect(runs).toEqual([["a"], ["b", "c"]]);
});

test("a run that fails does not stop the next", async () => {
  let count = 0;
  const ask = coalesceItems<number>(async () => {
    count++;
    throw new Error("down");
  });
  ask(1);
  await turn();
  ask(2);
  await turn();
  expect(count).toBe(2);
});

test("a run that throws at once, or asks for another itself, is no exception", async () => {
  let count = 0;
  const runs = coalesce(() => {
    if (++count < 3) runs.ask();
    throw new Error("at once");
  });
  runs.ask();
  await runs.idle();
  expect(count).toBe(3);
});

test("idle waits for the run under way and for the one that was asked for meanwhile", async () => {
  const gates = [deferred(), deferred()];
  let finished = 0;
  const runs = coalesce(async () => {
    await gates[finished]?.promise;
    finished++;
  });
  await runs.idle();
  runs.ask();
  runs.ask();
  runs.ask();
  const idle = runs.idle();
  gates[0]?.done();
  await turn();
  expect(finished).toBe(1);
  gates[1]?.done();
  await idle;
  expect(finished).toBe(2);
});
