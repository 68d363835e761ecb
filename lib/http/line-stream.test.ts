import { expect, test } from "vitest";
import { z } from "zod";
import { lines } from "./declaration";
import { lineStream } from "./line-stream";

const numbers = lines(z.int());

/** Counts for ever, and says how far it came and that it ended. */
function counter() {
  const seen = { last: 0, isOver: false };
  async function* count() {
    try {
      for (;;) yield ++seen.last;
    } finally {
      seen.isOver = true;
    }
  }
  return { seen, values: count() };
}

test("nothing is asked for that nobody reads", async () => {
  const { seen, values } = counter();
  const response = await lineStream(numbers, values, new AbortController().signal);
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("1\n");
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("2\n");
  expect(seen.last).toBe(2);
  await reader?.cancel();
  await expect.poll(() => seen.isOver).toBe(true);
  expect(seen.last).toBe(2);
});

test("the signal ends what comes, also while nobody reads", async () => {
  const { seen, values } = counter();
  const end = new AbortController();
  await lineStream(numbers, values, end.signal);
  end.abort();
  await expect.poll(() => seen.isOver).toBe(true);
  expect(seen.last).toBe(1);
});

test("what is wrong from the beginning is thrown before anything is answered", async () => {
  // biome-ignore lint/correctness/useYield: it ends before it has begun
  async function* broken(): AsyncGenerator<number, void> {
    throw new Error("no");
  }
  await expect(lineStream(numbers, broken(), new AbortController().signal)).rejects.toThrow("no");
});
