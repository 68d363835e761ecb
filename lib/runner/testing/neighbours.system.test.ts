import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { type Ran, runStep, stepRequest, testRunner } from "./local-runner";

const loop = "fn(s => { for (;;); })";
const bomb = "fn(s => { const a = []; for (;;) a.push({ x: 1, y: [1] }) })";
const attacksEach = 3;
/** Whoever waited for attackers to end would get one step for each end. */
const stepsPerEnd = 3;
let runner: LocalRunner;

beforeAll(async () => {
  runner = await testRunner({ workers: 4, blanks: 1 });
});
afterAll(() => runner.close());

/** Runs the source again and again; what became of each. */
async function attack(source: string, projectId: string): Promise<Ran[]> {
  const ended: Ran[] = [];
  while (ended.length < attacksEach)
    ended.push(await runStep(runner, stepRequest(source, { projectId, limits: { timeoutMs: 1_000 } })));
  return ended;
}

test("a project that loops and one that fills its memory let their neighbour's steps pass", async () => {
  let areOver = false;
  const attacks = Promise.all([attack(loop, "looper"), attack(bomb, "bomber")]).finally(() => {
    areOver = true;
  });
  const reasons: string[] = [];
  while (!areOver)
    reasons.push(
      (await runStep(runner, stepRequest("fn(s => ({ ...s, x: 1 }))", { projectId: "good-neighbour" })))
        .reason,
    );
  const [loops, bombs] = await attacks;

  expect(new Set(loops.map((ran) => ran.error?.type))).toEqual(new Set(["TimeoutError"]));
  for (const { error } of bombs) expect(["OomError", "TimeoutError"]).toContain(error?.type);
  expect(new Set(reasons)).toEqual(new Set(["success"]));
  expect(reasons.length).toBeGreaterThan(stepsPerEnd * (loops.length + bombs.length));
});
