import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRunner } from "@/lib/runner/client";
import { type LogLine, NotStartedError } from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";
import { stepRequest, type TestServer, testServer } from "@/lib/runner/testing/local-runner";
import { bundleRunner, ended, startRunner } from "@/lib/runner/testing/runner-process";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-runner-"));
const url = `unix:${path.join(dir, "runner.sock")}`;
const token = "a-token-for-this-test";
const runner = connectRunner({ url, token });
let child: ChildProcess;
let outside: TestServer;

let out: string;
const start = (at = url) =>
  startRunner(out, {
    RUNNER_URL: at,
    RUNNER_TOKEN: token,
    DATA_DIR: dir,
    CANARY: "env-canary",
    EGRESS_ALLOW: "127.0.0.1",
  });

beforeAll(async () => {
  out = await bundleRunner(path.basename(dir));
  outside = await testServer();
  child = start();
});
afterAll(async () => {
  const exited = ended(child);
  child.kill("SIGTERM");
  await exited;
  await outside.close();
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
  const nobody = connectRunner({
    url: `unix:${path.join(dir, "nobody.sock")}`,
    token,
    waits: { absenceMs: 500 },
  });
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

/** Starts a step and resolves when it has said this. */
async function startUntil(said: string, source: string, more: Parameters<typeof stepRequest>[1] = {}) {
  const request = stepRequest(source, more);
  let isSaid = () => {};
  const saying = new Promise<void>((resolve) => {
    isSaid = resolve;
  });
  const ending = runner.runStep(request, (lines) => {
    if (lines.some((line) => line.message === said)) isSaid();
  });
  await Promise.race([saying, ending.then((result) => Promise.reject(new Error(JSON.stringify(result))))]);
  return { ref: refOf(request), ending };
}

const waits = "fn(() => new Promise(() => {}))";
const forever = "fn(() => { console.log('started'); return new Promise(() => {}) })";
const held = () => `fn(s => { console.log('started'); return s }); get("${outside.url}/held")`;

test("told to stop, it takes nothing new, goes on with what runs, and ends when that has ended", async () => {
  const { life } = await runner.health();
  const { ref, ending } = await startUntil("started", held(), { http: true });
  const exited = ended(child);
  child.kill("SIGTERM");
  await expect.poll(() => runner.health()).toMatchObject({ isDraining: true, running: 1, life });
  await expect(runner.runStep(stepRequest("fn(s => s)"), () => {})).rejects.toThrow(NotStartedError);
  const followed = connectRunner({ url, token, life }).followStep({ ...ref, epoch: 0 }, () => {});
  outside.release();
  expect(await ending).toMatchObject({ reason: "success" });
  expect(await followed).toMatchObject({ kind: "result", result: { reason: "success" } });
  await exited;
  expect(child.exitCode).toBe(0);
  child = start();
});

test("another runner that keeps its files in the same folder ends nothing of this one", async () => {
  const own = await testServer();
  const source = `fn(s => { console.log('started'); return s }); get("${own.url}/held")`;
  const { ending } = await startUntil("started", source, { http: true });
  const at = `unix:${path.join(dir, "another.sock")}`;
  const another = start(at);
  const exited = ended(another);
  const { life } = await connectRunner({ url: at, token, waits: { absenceMs: 60_000 } }).health();
  own.release();
  expect(await ending).toMatchObject({ reason: "success" });
  expect((await runner.health()).life).not.toBe(life);
  another.kill("SIGTERM");
  await exited;
  await own.close();
});

test("a second signal ends what still runs, as lost and not as cancelled", async () => {
  const { ending } = await startUntil("started", forever);
  const exited = ended(child);
  child.kill("SIGTERM");
  await expect.poll(() => runner.health()).toMatchObject({ isDraining: true });
  child.kill("SIGTERM");
  expect(await ending).toMatchObject({ reason: "lost", error: { type: "Lost" }, untouched: true });
  await exited;
  child = start();
});

test("the life after one that was killed knows which steps had sent something, to whom and how much", async () => {
  const { life } = await runner.health();
  const pinned = connectRunner({ url, token, life });
  const silent = await startUntil("started", forever, { projectId: "silent" });
  const requests = outside.hits.length;
  const source = `fn(s => { console.log('started'); return s }); get("${outside.url}/asked"); ${waits}`;
  const sending = await startUntil("started", source, { http: true, projectId: "sending" });
  await expect.poll(() => outside.hits.length).toBeGreaterThan(requests);
  const never = stepRequest("fn(s => s)");
  const exited = ended(child);
  child.kill("SIGKILL");
  await exited;
  await expect(pinned.runStep(never, () => {})).rejects.toThrow(NotStartedError);
  child = start();
  const to = { host: "127.0.0.1", port: outside.port };
  expect(await silent.ending).toMatchObject({ reason: "lost", untouched: true, connections: [] });
  const lost = await sending.ending;
  expect(lost).toMatchObject({ reason: "lost", connections: [{ ...to, bytesSent: expect.any(Number) }] });
  expect(lost.untouched).toBeUndefined();
  expect(lost.error?.message).toContain(`127.0.0.1:${outside.port}`);
  // Whoever takes over later is told the same by the life that they ask for.
  expect(await pinned.followStep(silent.ref, () => {})).toEqual({ kind: "gone", hosts: [] });
  expect(await pinned.followStep(sending.ref, () => {})).toMatchObject({ kind: "gone", hosts: [to] });
  await expect(pinned.runStep(never, () => {})).rejects.toThrow(NotStartedError);
  const stranger = connectRunner({ url, token, life: randomUUID() });
  expect(await stranger.followStep(silent.ref, () => {})).toEqual({ kind: "gone", hosts: null });
});

test("a step whose runner is killed is lost, and no worker outlives the runner", async () => {
  const lists = () => fs.readdirSync(path.join(dir, "runner")).filter((name) => name.startsWith("workers-"));
  const pids = () =>
    lists().flatMap((name) =>
      fs
        .readFileSync(path.join(dir, "runner", name), "utf8")
        .split("\n")
        .filter(Boolean),
    );
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
