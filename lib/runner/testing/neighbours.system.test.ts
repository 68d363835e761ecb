import { afterAll, beforeAll, expect, test } from "vitest";
import { quantile, timeStep } from "@/lib/bench/runner-measures";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type Ran, runStep, stepRequest, testRunner } from "./local-runner";

/**
 * Three processes that want two cores get two thirds of one each, in the scheduler's slices: measured 2 to 4 times on
 * two cores. What this guards against is a neighbour that waits for the attackers to end.
 */
const maxSlowdown = 6;
const schedulerMs = 50;
const steps = 100;
const loop = "fn(s => { for (;;); })";
const bomb = "fn(s => { const a = []; for (;;) a.push({ x: 1, y: [1] }) })";
let runner: LocalRunner;

beforeAll(async () => {
  runner = await testRunner({ workers: 4, blanks: 1 });
});
afterAll(() => runner.close());

/** p95 of the good neighbour's steps; `timeStep` throws when one does not succeed. */
async function neighbourP95Ms(): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < steps; index += 1)
    times.push(
      await timeStep(runner, stepRequest("fn(s => ({ ...s, x: 1 }))", { projectId: "good-neighbour" })),
    );
  return quantile(times, 0.95);
}

/** Runs the source again and again until told to stop; what became of each. */
function attackUntil(isOver: () => boolean, source: string, projectId: string): Promise<Ran[]> {
  const again = async (): Promise<Ran[]> => {
    const ended: Ran[] = [];
    while (!isOver())
      ended.push(await runStep(runner, stepRequest(source, { projectId, limits: { timeoutMs: 1_000 } })));
    return ended;
  };
  return again();
}

test("a project that loops and one that fills its memory cost their neighbour no step and little time", async () => {
  await neighbourP95Ms();
  const alone = [await neighbourP95Ms(), await neighbourP95Ms()];
  let isOver = false;
  const attacks = Promise.all([
    attackUntil(() => isOver, loop, "looper"),
    attackUntil(() => isOver, bomb, "bomber"),
  ]);
  const beside: number[] = [];
  // Attacks of every stage: starting, running, being ended.
  for (const until = Date.now() + 4_000; Date.now() < until; ) beside.push(await neighbourP95Ms());
  isOver = true;
  const [loops, bombs] = await attacks;
  alone.push(await neighbourP95Ms(), await neighbourP95Ms());

  expect(new Set(loops.map((ran) => ran.error?.type))).toEqual(new Set(["TimeoutError"]));
  for (const { error } of bombs) expect(["OomError", "TimeoutError"]).toContain(error?.type);
  // The least of each kind: whatever else the machine does only adds to a measure.
  const [quietMs, besideMs] = [Math.min(...alone), Math.min(...beside)];
  expect(besideMs, `p95 ${quietMs.toFixed(1)} ms alone, ${besideMs.toFixed(1)} ms beside both`).toBeLessThan(
    Math.max(maxSlowdown * quietMs, quietMs + schedulerMs),
  );
});
