import { expect, test, vi } from "vitest";
import type { PublishedVersions } from "@/lib/runner/contract";
import { PublishedLists } from "./published";

const answer: PublishedVersions = { versions: ["1.0.0"], latest: "1.0.0" };
const minute = 60_000;

test("the registry is asked once for all who want to know within five minutes, and again after that", async () => {
  const lookUp = vi.fn(async () => answer);
  const lists = new PublishedLists({}, lookUp);
  await Promise.all([lists.of("a", 0), lists.of("a", 0), lists.of("a", 4 * minute), lists.of("b", 0)]);
  expect(lookUp.mock.calls.map(([name]: unknown[]) => name)).toEqual(["a", "b"]);
  await lists.of("a", 6 * minute);
  expect(lookUp).toHaveBeenCalledTimes(3);
});

test("a failure is told to whoever asked, and not remembered", async () => {
  const lookUp = vi.fn(async (): Promise<PublishedVersions> => answer);
  lookUp.mockRejectedValueOnce(new Error("away"));
  const lists = new PublishedLists({}, lookUp);
  await expect(lists.of("a")).rejects.toThrow("away");
  await expect(lists.of("a")).resolves.toBe(answer);
});

test("more than four are not asked about at once", async () => {
  let done = () => {};
  const later = new Promise<PublishedVersions>((resolve) => {
    done = () => resolve(answer);
  });
  const lists = new PublishedLists({}, () => later);
  const asked = ["a", "b", "c", "d"].map((name) => lists.of(name));
  await expect(lists.of("e")).rejects.toMatchObject({ problem: "busy" });
  done();
  await Promise.all(asked);
  await expect(lists.of("e")).resolves.toBe(answer);
});
