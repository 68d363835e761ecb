import fs from "node:fs";
import http from "node:http";
import type { StepRequest } from "@/lib/runner/contract";
import { createRunner, type LocalRunner, type RunnerOptions } from "@/lib/runner/host/runner";
import { refOf } from "@/lib/runner/results";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { privateMb, residentMb } from "@/lib/runner/sandbox/proc";
import { shippedAdaptors } from "@/lib/shipped";

/** What `npm run bench` prints about the runner. Times in milliseconds. */
export type RunnerBench = {
  warmTrivialP50Ms: number;
  warmTrivialP95Ms: number;
  warmHttpP50Ms: number;
  coldFirstResultP50Ms: number;
  trivialStepsPerSecondPerCore: number;
  httpStepsPerSecondPerCore: number;
  privateMbPerWorker: number | null;
  growth: Growth;
};

/** Resident memory of one project's steps, early and at the end; workers are recycled on the way. */
export type Growth = { steps: number; workersMb: Change; runnerMb: Change };
type Change = { before: number; after: number };

const { common, http: overHttp } = shippedAdaptors;
const trivial = "fn(state => ({ ...state, x: 1 }))";
const get = "get('/json', { query: { a: 1 } }); fn(s => ({ ...s, n: s.data.n }))";

/** Workers kept ready for projects without one. */
const blanks = 1;

let lastStep = 0;

function request(source: string, adaptor: typeof common, more: Partial<StepRequest> = {}): StepRequest {
  lastStep += 1;
  return {
    stepId: `bench-${lastStep}`,
    runId: "bench",
    projectId: "bench",
    job: { id: "a", name: "a", source, adaptor },
    input: '{"data":{}}',
    configuration: null,
    credentialId: null,
    conditions: [],
    ...more,
  };
}

/** The value below which `share` of the values lie; NaN without any. */
export const quantile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

/** Wall time of one step inside the runner, from request to result. Throws when the step does not succeed. */
export async function timeStep(runner: LocalRunner, step: StepRequest): Promise<number> {
  const startedAt = performance.now();
  const result = await new Promise<{ reason: string; error: unknown }>((resolve) => {
    runner.steps.start(step, { event: (event) => event.type === "result" && resolve(event.result) });
  });
  const elapsedMs = performance.now() - startedAt;
  runner.steps.forget(refOf(step));
  if (result.reason !== "success")
    throw new Error(`A bench step ended with ${result.reason}: ${JSON.stringify(result.error)}`);
  return elapsedMs;
}

async function timeSteps(
  runner: LocalRunner,
  count: number,
  make: (index: number) => StepRequest,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await timeStep(runner, make(index)));
  return times;
}

const ticksPerSecond = 100;

/** CPU seconds of this process and of the workers it has ended: with the pool closed, everything the steps cost. */
function cpuSeconds(): number {
  const stat = fs.readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return ((user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0)) / ticksPerSecond;
}

type Server = { url: string; port: number; close(): void };

async function jsonServer(): Promise<Server> {
  const server = http.createServer((_, response) => {
    response.setHeader("content-type", "application/json").end('{"n":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, port, close: () => server.close() };
}

const parallel = 4;

/** Runs `count` steps, a few at a time. */
async function runMany(runner: LocalRunner, count: number, make: () => StepRequest): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await timeStep(runner, make());
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

/** Steps of one project in a runner of their own: per second of CPU, its start and its workers' included, and memory. */
async function throughput(
  options: RunnerOptions,
  steps: number,
  make: () => StepRequest,
): Promise<{ perSecondPerCore: number; growth: Growth }> {
  const cpuBefore = cpuSeconds();
  const runner = await createRunner(options);
  try {
    await runMany(runner, Math.ceil(steps / 10), make);
    const before = memoryOf(runner);
    await runMany(runner, steps - Math.ceil(steps / 10), make);
    const after = memoryOf(runner);
    await runner.close();
    const growth = {
      steps,
      workersMb: { before: before.workers, after: after.workers },
      runnerMb: { before: before.runner, after: after.runner },
    };
    return { perSecondPerCore: steps / (cpuSeconds() - cpuBefore), growth };
  } finally {
    await runner.close();
  }
}

/** Of the runner's process, and of its largest worker: how many there are differs from moment to moment. */
const memoryOf = (runner: LocalRunner): { workers: number; runner: number } => ({
  workers: Math.max(0, ...runner.pool.workers().map((worker) => worker.residentMb() ?? 0)),
  runner: residentMb(process.pid) ?? Number.NaN,
});

/** Steps of projects that have no process yet, each begun when every blank worker is ready. */
async function timeCold(runner: LocalRunner, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    while (runner.pool.counts.blank < blanks) await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all(runner.pool.workers().map((worker) => worker.booted.catch(() => undefined)));
    times.push(await timeStep(runner, request(trivial, common, { projectId: `cold-${index}` })));
  }
  return times;
}

/**
 * Measures the runner in this process: latencies of steps one after another, steps a second of CPU (of runner and
 * workers together, start of workers included), memory over 10,000 steps of one project. `scale` shortens it.
 */
export async function benchRunner(options: RunnerOptions, scale = 1): Promise<RunnerBench> {
  const server = await jsonServer();
  const configuration = { baseUrl: server.url };
  const all: RunnerOptions = {
    ...options,
    blanks,
    egressAllow: [`127.0.0.1:${server.port}`],
    isolation: await probeIsolation(),
  };
  const count = (full: number) => Math.max(5, Math.round(full * scale));
  const simple = () => request(trivial, common);
  const overNetwork = () => request(get, overHttp, { configuration, credentialId: "bench" });
  const runner = await createRunner(all);
  try {
    await timeSteps(runner, count(20), simple);
    const warm = await timeSteps(runner, count(300), simple);
    await timeSteps(runner, count(20), overNetwork);
    const http = await timeSteps(runner, count(200), overNetwork);
    const cold = await timeCold(runner, count(20));
    const sizes = runner.pool.workers().map((worker) => privateMb(worker.leafPid() ?? 0));
    await runner.close();
    const reused = await throughput(all, count(10_000), simple);
    return {
      warmTrivialP50Ms: quantile(warm, 0.5),
      warmTrivialP95Ms: quantile(warm, 0.95),
      warmHttpP50Ms: quantile(http, 0.5),
      coldFirstResultP50Ms: quantile(cold, 0.5),
      trivialStepsPerSecondPerCore: reused.perSecondPerCore,
      httpStepsPerSecondPerCore: (await throughput(all, count(800), overNetwork)).perSecondPerCore,
      privateMbPerWorker: quantile(
        sizes.filter((size) => size !== null),
        0.9,
      ),
      growth: reused.growth,
    };
  } finally {
    await runner.close();
    server.close();
  }
}
