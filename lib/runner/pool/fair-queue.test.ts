import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue";

const fill = (...items: string[]): FairQueue<string> => {
  const queue = new FairQueue<string>();
  for (const item of items) queue.push(item[0] ?? "", item);
  return queue;
};
const drain = (
  queue: FairQueue<string>,
  accepts: (item: string, project: string) => boolean = () => true,
): string[] => {
  const taken: string[] = [];
  for (let item = queue.take(accepts); item; item = queue.take(accepts)) taken.push(item);
  return taken;
};

test("projects take turns, in order within each", () => {
  expect(drain(fill("a1", "a2", "a3", "b1", "c1", "b2"))).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
});
test("a project that may not have more is passed over, not waited for", () => {
  const queue = fill("a1", "a2", "b1");
  expect(drain(queue, (_, project) => project !== "a")).toEqual(["b1"]);
  expect(queue.size).toBe(2);
  expect(drain(queue)).toEqual(["a1", "a2"]);
});
test("who leaves is forgotten", () => {
  const queue = fill("a1", "a2", "b1");
  queue.remove("a", "a1");
  queue.remove("b", "b1");
  queue.remove("c", "c1");
  expect(drain(queue)).toEqual(["a2"]);
});
