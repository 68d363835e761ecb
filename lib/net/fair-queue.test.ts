import { expect, test } from "vitest";
import { FairQueue, LineFullError } from "./fair-queue";

const never = new AbortController().signal;

/** Works that end when they are told to, and the order in which they began. */
function works(queue: FairQueue) {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (tenant: string, name: string, signal = never) =>
    queue.run(tenant, signal, async () => {
      began.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { began, start, end };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a tenant has its own places, and free ones go round", async () => {
  const queue = new FairQueue({ total: 3, perTenant: 2, maxWaiting: 10 });
  const { began, start, end } = works(queue);
  for (const name of ["a1", "a2", "a3", "a4"]) void start("a", name);
  for (const name of ["b1", "b2"]) void start("b", name);
  void start("c", "c1");
  await settled();
  expect(began).toEqual(["a1", "a2", "b1"]);
  await end("a1");
  await end("a2");
  await end("b1");
  expect(began.slice(3).sort()).toEqual(["a3", "b2", "c1"]);
  await end("b2");
  expect(began.at(-1)).toBe("a4");
});

test("what one tenant has waiting is bounded, which another does not feel", async () => {
  const queue = new FairQueue({ total: 10, perTenant: 1, maxWaiting: 2 });
  const { began, start } = works(queue);
  for (const name of ["a1", "a2", "a3"]) void start("a", name);
  await expect(start("a", "a4")).rejects.toThrow(LineFullError);
  void start("b", "b1");
  await settled();
  expect(began).toEqual(["a1", "b1"]);
});

test("what gives up while it waits leaves its place to the next, and what fails frees its own", async () => {
  const queue = new FairQueue({ total: 1, perTenant: 1, maxWaiting: 10 });
  const { began, start, end } = works(queue);
  const given = new AbortController();
  void start("a", "a1");
  const second = start("a", "a2", given.signal);
  void start("a", "a3");
  given.abort(new Error("too late"));
  await expect(second).rejects.toThrow("too late");
  await end("a1");
  expect(began).toEqual(["a1", "a3"]);
  await end("a3");
  await expect(queue.run("a", never, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await queue.run("b", never, async () => "goes on")).toBe("goes on");
});

test("what does not wait takes a place that is free, and none that others would have to wait for", async () => {
  const queue = new FairQueue({ total: 3, perTenant: 2, maxWaiting: 10 });
  const { began, start, end } = works(queue);
  void start("a", "a1");
  void start("a", "a2");
  expect(queue.runNow("a", async () => "third")).toBeNull();
  const other = queue.runNow("b", async () => "done");
  expect(queue.runNow("c", async () => "fourth")).toBeNull();
  await expect(other).resolves.toBe("done");
  void start("a", "a3");
  await end("a1");
  expect(began).toEqual(["a1", "a2", "a3"]);
  expect(queue.runNow("a", async () => "third")).toBeNull();
});
