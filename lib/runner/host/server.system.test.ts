import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import { type LogLine, NotStartedError } from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";
import { stepRequest } from "@/lib/runner/testing/local-runner";
import { bundleRunner, ended, startRunner } from "@/lib/runner/testing/runner-process";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-runner-"));
const url = `unix:${path.join(dir, "runner.sock")}`;
const token = "a-token-for-this-test";
const runner = connectRunner({ url, token });
let child: ChildProcess;

let out: string;
const start = () =>
  startRunner(out, { RUNNER_URL: url, RUNNER_TOKEN: token, DATA_DIR: dir, CANARY: "env-canary" });

beforeAll(async () => {
  out = await bundleRunner(path.basename(dir));
  child = start();
});
afterAll(async () => {
  child.kill("SIGTERM");
  await ended(child);
  fs.rmSync(out, { recursive: true, force: true });
  fs.rmSync(dir, { recursive: true, force: true });
});

test("health names the layers and the workers", async () => {
  const health = await runner.health();
  expect(health.ok).toBe(true);
  expect(health.isolation).toContain("deno-permissions");
  expect(health.workers.limit).toBeGreaterThan(1);
});

test("a step runs through the socket, its lines arriving before its result", async () => {
  const lines: LogLine[] = [];
  const request = stepRequest("fn(s => { console.log('hello'); return { ...s, x: 1 } })");
  const result = await runner.runStep(request, (more) => lines.push(...more));
  expect(result).toMatchObject({ reason: "success", output: '{"data":{},"x":1}' });
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index));
  expect(lines.map((line) => line.message)).toContain("hello");
});

test("asking twice for a step runs it once", async () => {
  const request = stepRequest(
    "fn(async s => { await new Promise(r => setTimeout(r, 200)); return { at: Date.now() } })",
  );
  const [first, second] = await Promise.all([
    runner.runStep(request, () => {}),
    runner.runStep(request, () => {}),
  ]);
  const ref = refOf(request);
  const third = await runner.followStep(ref, () => {});
  expect(second.output).toBe(first.output);
  expect(third).toMatchObject({ kind: "result", result: { output: first.output } });
  await runner.forgetStep(ref);
  expect(await runner.followStep(ref, () => {})).toMatchObject({ kind: "gone" });
});

/** Milliseconds from the cancelling of a step that loops to its end. */
async function cancelMs(): Promise<number> {
  const request = stepRequest("fn(() => { console.log('started'); for (;;); })");
  const abort = new AbortController();
  let abortedAt = 0;
  const result = await runner.runStep(
    request,
    (lines) => {
      if (!lines.some((line) => line.message === "started")) return;
      abortedAt = performance.now();
      abort.abort();
    },
    abort.signal,
  );
  expect(result).toMatchObject({ reason: "cancel", output: null, error: { type: "CancelledError" } });
  return performance.now() - abortedAt;
}

test("a cancelled step ends within half a second, or the time an ordinary one takes on a slow machine", async () => {
  const startedAt = performance.now();
  await runner.runStep(stepRequest("fn(s => s)", { projectId: "ordinary" }), () => {});
  const ordinaryMs = performance.now() - startedAt;
  // The least of three: whatever else the machine does only adds to a measure.
  const times = [await cancelMs(), await cancelMs(), await cancelMs()];
  expect(Math.min(...times)).toBeLessThan(Math.max(500, ordinaryMs));
});

test("conditions of a trigger are decided without a job", async () => {
  const conditions = [
    { edgeId: "yes", expression: "state.data.n > 1" },
    { edgeId: "no", expression: "state.data.n > 5" },
    { edgeId: "throws", expression: "state.missing.n" },
    { edgeId: "invalid", expression: "state." },
  ];
  const results = await runner.evaluate("project-1", '{"data":{"n":2}}', conditions);
  expect(results).toMatchObject({ yes: true, no: false });
  expect(results.throws).toMatchObject({ type: "EdgeConditionError" });
  expect(results.invalid).toMatchObject({ type: "EdgeConditionError" });
});

test("a step for a runner that is not there is refused as not started", async () => {
  const nobody = connectRunner({ url: `unix:${path.join(dir, "nobody.sock")}`, token });
  await expect(nobody.runStep(stepRequest("fn(s => s)"), () => {})).rejects.toThrow(NotStartedError);
  await expect(nobody.health()).rejects.toMatchObject({ code: "unavailable" });
}, 20_000);

test("a wrong token is refused", async () => {
  await expect(connectRunner({ url, token: "wrong" }).health()).rejects.toThrow(/token/);
});

test("an unknown adaptor version is refused with a sentence, pinned adaptors keep running", async () => {
  await expect(runner.resolveAdaptor("@openfn/language-common", "99.99.99")).rejects.toThrow(/99\.99\.99/);
  await expect(runner.resolveAdaptor("@openfn/language-common@1; touch /tmp/pwn", "1.0.0")).rejects.toThrow();
  const result = await runner.runStep(stepRequest("fn(s => s)"), () => {});
  expect(result.reason).toBe("success");
});

test("a step that outlasts an orderly stop is lost, not cancelled", async () => {
  const running = runner.runStep(stepRequest("fn(() => { console.log('started'); for (;;); })"), (lines) => {
    if (lines.some((line) => line.message === "started")) child.kill("SIGTERM");
  });
  await ended(child);
  child = start();
  expect(await running).toMatchObject({ reason: "lost", error: { type: "Lost" } });
});

test("a step whose runner is killed is lost, and no worker outlives the runner", async () => {
  const pids = () => fs.readFileSync(path.join(dir, "runner/workers"), "utf8").split("\n").filter(Boolean);
  const running = runner.runStep(stepRequest("fn(() => { console.log('started'); for (;;); })"), (lines) => {
    if (lines.some((line) => line.message === "started")) child.kill("SIGKILL");
  });
  await ended(child);
  const left = pids().map((line) => Number(line.split(" ")[0]));
  expect(left.length).toBeGreaterThan(0);
  child = start();
  expect(await running).toMatchObject({ reason: "lost" });
  await expect.poll(() => left.filter((pid) => fs.existsSync(`/proc/${pid}`)), { timeout: 5000 }).toEqual([]);
});
