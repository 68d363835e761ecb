import { expect, it } from "vitest";
import { inTime, LateError, within } from "./in-time";

it("brings what comes in time, its failure too", async () => {
  expect(await inTime(Promise.resolve(1), 60_000)).toBe(1);
  await expect(inTime(Promise.reject(new Error("no")), 60_000)).rejects.toThrow("no");
});

it("gives up what does not come, and what comes of it later troubles nobody", async () => {
  let fail = (_: Error) => {};
  const coming = new Promise<never>((_, reject) => {
    fail = reject;
  });
  await expect(inTime(coming, 1)).rejects.toBeInstanceOf(LateError);
  fail(new Error("late"));
});

it("within a time, what is late is undefined, and what fails in time still fails", async () => {
  expect(await within(Promise.resolve(1), 60_000)).toBe(1);
  expect(await within(new Promise(() => {}), 1)).toBeUndefined();
  await expect(within(Promise.reject(new Error("no")), 60_000)).rejects.toThrow("no");
});
