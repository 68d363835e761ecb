import { describe, expect, test, vi } from "vitest";
import { quantile, timeStep } from "@/lib/bench/runner-measures";
import { limits } from "@/lib/limits";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";
import { codeTokens } from "@/lib/workflow/code-tokens";
import { CompileThread } from "./compile-thread";
import { largeJob } from "./generate-for-tests";
import { CompileError, compile, maxSourceBytes } from "./index";

const options = { adaptor: "@openfn/language-common", exports: ["fn", "each"] };
const large = `${"// a line of forty characters, or thereabouts\n".repeat(1000)}fn(state => {\n  return state.data.x.y;\n});\nfn(s => s).then(s => s);`;
/** Compiles a good forty times longer than a small source in a new thread: as many exports as fit. */
const slow = `${Array.from({ length: 14_000 }, (_, i) => `export let a${i};`).join("")}fn(s => s);`;

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

/** How long a small source takes in a new thread, on this machine as busy as it is now. */
async function smallMs(): Promise<number> {
  const times: number[] = [];
  // The first one waits for the thread's program, which is made once.
  for (let index = 0; index < 4; index += 1) {
    const startedAt = performance.now();
    await new CompileThread().compile("p", "fn(s => s)", options);
    if (index > 0) times.push(performance.now() - startedAt);
  }
  return quantile(times, 0.5);
}

describe("a job that is compiled in the thread", () => {
  test("is the same as one that is compiled here, places included", async () => {
    const here = compile(large, options);
    const there = await new CompileThread().compile("p", large, options);
    const { locate: _, places, ...data } = here;
    expect(there).toMatchObject(data);
    expect(there.places()).toEqual(places());
    for (const line of [1, 999, 1001, 1002, 1004])
      for (const column of [1, 5, 12])
        expect(there.locate({ line, column })).toEqual(here.locate({ line, column }));
  });

  test("has the same errors", async () => {
    for (const source of [
      `${large}\nfn(`,
      `${large}\nimport fs from "fs";`,
      "x".repeat(maxSourceBytes + 1),
    ]) {
      let here: unknown;
      try {
        compile(source, options);
      } catch (error) {
        here = error;
      }
      expect(here).toBeInstanceOf(CompileError);
      expect(await failureOf(new CompileThread().compile("p", source, options))).toEqual(here);
    }
  });
});

test.each([
  ["a megabyte, as real ones have", largeJob(1_070_000)],
  ["the most bytes there may be", largeJob(maxSourceBytes)],
  ["the most words and signs there may be", "a;".repeat(limits.codeTokens / 2)],
  ["the most numbers", `[${"1,".repeat(limits.codeTokens / 2 - 10)}];fn(s => s);`],
])("a job of %s compiles", async (_, source) => {
  expect(Buffer.byteLength(source)).toBeLessThanOrEqual(maxSourceBytes);
  expect(codeTokens(source, limits.codeTokens)).toBeLessThanOrEqual(limits.codeTokens);
  const job = await new CompileThread().compile("p", source, options);
  expect(job.code.length).toBeGreaterThan(source.length);
});

test("a source that takes too long is refused in a sentence, and the next one compiles", async () => {
  // More than a small source needs, less than the slow one; measured again when the machine's pace has changed meanwhile.
  const attempt = async () => {
    const thread = new CompileThread({ timeoutMs: 10 * (await smallMs()) });
    return Promise.all([
      failureOf(thread.compile("hostile", slow, options)),
      thread.compile("other", "fn(s => s)", options),
    ]);
  };
  const [first, second] = await vi.waitFor(
    async () => {
      const both = await attempt();
      expect(both[0]).not.toBeNull();
      return both;
    },
    { timeout: 100_000 },
  );
  expect(first).toMatchObject({ type: "SyntaxError", message: "The code takes too long to compile" });
  expect(second.operations).toHaveLength(1);
});

test("a source that takes too much memory is refused likewise", async () => {
  const thread = new CompileThread({ heapMb: 16 });
  expect(await failureOf(thread.compile("hostile", slow, options))).toBeInstanceOf(CompileError);
  expect((await thread.compile("other", "fn(s => s)", options)).operations).toHaveLength(1);
});

test("more large sources than may wait are refused", async () => {
  const thread = new CompileThread({ maxWaiting: 2 });
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, i) => failureOf(thread.compile(`p${i}`, large, options))),
  );
  expect(all.filter((error) => String(error).includes("Too many large jobs")).length).toBeGreaterThan(0);
  expect(all[0]).toBeNull();
});

test("a step whose source compiles for seconds does not delay those of another project", async () => {
  const runner = await testRunner();
  try {
    const next = () => timeStep(runner, stepRequest("fn(s => s)", { projectId: "bystander" }));
    await next();
    const startedAt = performance.now();
    let isDone = false;
    const hostile = runStep(runner, stepRequest(slow, { projectId: "hostile" })).finally(() => {
      isDone = true;
    });
    const endedAt: number[] = [];
    while (!isDone) {
      await next();
      endedAt.push(performance.now() - startedAt);
    }
    await hostile;
    // Whoever had to wait for the compiler would end after it: at most one step in the second half of its time.
    const elapsedMs = performance.now() - startedAt;
    expect(endedAt.filter((at) => at > elapsedMs / 2).length).toBeGreaterThan(5);
  } finally {
    await runner.close();
  }
});
