import fs from "node:fs";
import http from "node:http";
import type { StepRequest } from "./contract";
import { probeIsolation } from "./isolation";
import { privateMb } from "./proc";
import { createRunner, type LocalRunner, type RunnerOptions } from "./runner";

/** What `npm run bench` prints about the runner. Times in milliseconds. */
export type RunnerBench = {
  warmTrivialP50Ms: number;
  warmTrivialP95Ms: number;
  warmHttpP50Ms: number;
  coldFirstResultP50Ms: number;
  trivialStepsPerSecondPerCore: number;
  httpStepsPerSecondPerCore: number;
  privateMbPerWorker: number | null;
};

const common = { name: "@openfn/language-common", version: "3.3.4" };
const overHttp = { name: "@openfn/language-http", version: "7.2.10" };
const trivial = "fn(state => ({ ...state, x: 1 }))";
const get = "get('/json', { query: { a: 1 } }); fn(s => ({ ...s, n: s.data.n }))";

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
    conditions: [],
    ...more,
  };
}

const quantile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

/** Wall time of one step inside the runner, from request to result. Throws when the step does not succeed. */
export async function timeStep(runner: LocalRunner, step: StepRequest): Promise<number> {
  const startedAt = performance.now();
  const result = await new Promise<{ reason: string; error: unknown }>((resolve) => {
    runner.steps.start(step, { event: (event) => event.type === "result" && resolve(event.result) });
  });
  const elapsedMs = performance.now() - startedAt;
  runner.steps.forget(step.stepId);
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

async function throughput(
  options: RunnerOptions,
  parallel: number,
  forMs: number,
  make: () => StepRequest,
): Promise<number> {
  const before = cpuSeconds();
  const runner = await createRunner(options);
  const until = performance.now() + forMs;
  let steps = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await timeStep(runner, make());
      steps += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  await runner.close();
  return steps / (cpuSeconds() - before);
}

/**
 * Measures the runner in this process: latencies of steps one after another, steps a second of CPU (of runner and
 * workers together, start of workers included), memory. `scale` shortens it for a smoke test.
 */
export async function benchRunner(options: RunnerOptions, scale = 1): Promise<RunnerBench> {
  const server = await jsonServer();
  const configuration = { baseUrl: server.url };
  const all: RunnerOptions = {
    ...options,
    egressAllow: [`127.0.0.1:${server.port}`],
    isolation: await probeIsolation(),
  };
  const runner = await createRunner(all);
  const count = (full: number) => Math.max(5, Math.round(full * scale));
  try {
    await timeSteps(runner, count(20), () => request(trivial, common));
    const warm = await timeSteps(runner, count(300), () => request(trivial, common));
    await timeSteps(runner, count(20), () => request(get, overHttp, { configuration }));
    const overNetwork = await timeSteps(runner, count(200), () => request(get, overHttp, { configuration }));
    const cold: number[] = [];
    for (let index = 0; index < count(20); index += 1) {
      while (runner.pool.counts.blank === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all(runner.pool.workers().map((worker) => worker.booted.catch(() => undefined)));
      cold.push(await timeStep(runner, request(trivial, common, { projectId: `cold-${index}` })));
    }
    const sizes = runner.pool.workers().map((worker) => privateMb(worker.leafPid() ?? 0));
    await runner.close();
    return {
      warmTrivialP50Ms: quantile(warm, 0.5),
      warmTrivialP95Ms: quantile(warm, 0.95),
      warmHttpP50Ms: quantile(overNetwork, 0.5),
      coldFirstResultP50Ms: quantile(cold, 0.5),
      trivialStepsPerSecondPerCore: await throughput(all, 4, 8000 * scale, () => request(trivial, common)),
      httpStepsPerSecondPerCore: await throughput(all, 4, 8000 * scale, () =>
        request(get, overHttp, { configuration }),
      ),
      privateMbPerWorker: quantile(
        sizes.filter((size) => size !== null),
        0.9,
      ),
    };
  } finally {
    await runner.close();
    server.close();
  }
}
