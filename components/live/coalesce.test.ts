import { expect, test } from "vitest";
import { coalesce } from "./coalesce";

const deferred = () => {
  let done = () => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { promise, done };
};

test("calls during a run become one run after it, and none is lost", async () => {
  const runs: string[][] = [];
  const gates = [deferred(), deferred(), deferred()];
  const ask = coalesce<string>((items) => {
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
  const ask = coalesce<number>(async () => {
    count++;
    throw new Error("down");
  });
  ask(1);
  await new Promise((resolve) => setTimeout(resolve));
  ask(2);
  await new Promise((resolve) => setTimeout(resolve));
  expect(count).toBe(2);
});
