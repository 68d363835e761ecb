import { expect, test } from "vitest";
import { paceOf } from "./pace";

/** A pace whose clock is told. */
function told(budgetMs = 1e9) {
  let at = 0;
  const slept: number[] = [];
  const pace = paceOf(budgetMs, {
    now: () => at,
    async sleep(ms) {
      slept.push(ms);
      at += ms;
    },
  });
  const takes = (kind: string, ms: number) =>
    pace.run(kind, async () => {
      at += ms;
    });
  return { pace, slept, takes };
}

test("what one transaction takes decides what the next of its kind may take, whatever a row costs", async () => {
  for (const msPerRow of [0.001, 0.1, 1, 20]) {
    const { pace, takes } = told();
    const took: number[] = [];
    for (let n = 0; n < 40; n++) {
      took.push(pace.portion("rows") * 800 * msPerRow);
      await takes("rows", took.at(-1) ?? 0);
    }
    expect(Math.max(...took.slice(10)), `${msPerRow} ms a row`).toBeLessThanOrEqual(200);
    // Nor is it timid: what could be more is, until it is all that is allowed.
    expect(took.at(-1)).toBeGreaterThanOrEqual(Math.min(50, 800 * msPerRow));
  }
});

test("what reads is told by what it took, and the next follows at once", async () => {
  const { pace, slept } = told();
  const before = pace.portion("look");
  expect(await pace.read("look", async () => "read")).toBe("read");
  expect(pace.portion("look")).toBe(2 * before);
  expect(slept).toEqual([]);
});

test("kinds do not answer for each other", async () => {
  const { pace, takes } = told();
  const before = pace.portion("messages");
  await takes("log_lines", 10_000);
  expect(pace.portion("messages")).toBe(before);
  expect(pace.portion("log_lines")).toBeLessThan(before);
});

test("it rests as long as it worked, a second at most, and ends when its time is over", async () => {
  const { pace, slept, takes } = told(5_000);
  await takes("rows", 300);
  await takes("rows", 3_000);
  expect(slept).toEqual([300, 1_000]);
  expect(pace.goesOn()).toBe(true);
  await takes("rows", 500);
  expect(pace.goesOn()).toBe(false);
});
