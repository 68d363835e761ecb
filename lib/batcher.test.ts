import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Batcher } from "./batcher";
import { gatherMs } from "./gathering";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Groups as they were sent; each is under way until it is ended. */
function recorder() {
  const groups: number[][] = [];
  const ends: (() => void)[] = [];
  const flush = (items: number[]) =>
    new Promise<number[]>((resolve) => {
      groups.push(items);
      ends.push(() => resolve(items));
    });
  const end = async () => {
    ends.shift()?.();
    await turn();
    await turn();
  };
  return { groups, flush, end };
}

test("one alone waits for nobody; those that come while it is under way go together in the next", async () => {
  const { groups, flush, end } = recorder();
  const batcher = new Batcher(flush);
  const all = [batcher.add(1)];
  await turn();
  all.push(batcher.add(2), batcher.add(3));
  await turn();
  expect(groups).toEqual([[1]]);
  await end();
  expect(groups).toEqual([[1], [2, 3]]);
  await end();
  expect(await Promise.all(all)).toEqual([1, 2, 3]);
});

/** A batcher to which many came just before. */
async function busy({ groups, flush, end }: ReturnType<typeof recorder>, underWay: () => number) {
  const batcher = new Batcher(flush, { underWay });
  for (const item of [-3, -2, -1]) {
    void batcher.add(item);
    await turn();
    await end();
  }
  groups.length = 0;
  return batcher;
}

test("a group has half of what is under way", async () => {
  const recorded = recorder();
  const { groups } = recorded;
  let underWay = 0;
  const batcher = await busy(recorded, () => underWay);
  underWay = 6;
  for (const item of [1, 2]) void batcher.add(item);
  await turn();
  expect(groups).toEqual([]);
  void batcher.add(3);
  await turn();
  expect(groups).toEqual([[1, 2, 3]]);
});

test("others are waited for a moment alone, also by those that came while a group was under way", async () => {
  const recorded = recorder();
  const { groups, end } = recorded;
  let underWay = 1;
  const batcher = await busy(recorded, () => underWay);
  void batcher.add(1);
  await turn();
  underWay = 8;
  void batcher.add(2);
  await end();
  expect(groups).toEqual([[1]]);
  vi.advanceTimersByTime(gatherMs);
  await turn();
  expect(groups).toEqual([[1], [2]]);
});

test("what fails in a group is tried alone, and fails alone", async () => {
  const groups: number[][] = [];
  const batcher = new Batcher(async (items: number[]) => {
    groups.push(items);
    if (items.includes(2)) throw new Error("two");
    return items;
  });
  const all = [1, 2, 3].map((item) => batcher.add(item).catch((error: Error) => error.message));
  expect(await Promise.all(all)).toEqual([1, "two", 3]);
  expect(groups).toEqual([[1, 2, 3], [1], [2], [3]]);
});
