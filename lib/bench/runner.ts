import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { buildBuiltins } from "@/lib/runner/adaptors/builtins";
import { workerInspector } from "@/lib/runner/adaptors/inspector";
import { runInThread } from "./openfn-thread";
import { benchRunner, quantile, type RunnerBench } from "./runner-measures";

type Basis = { threadMs: number; nodeMs: number };

/** Measures the runner in this process and prints it beside a thread a run and a bare node, timed in the same minute. */
export async function measureRunner(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-bench-"));
  const builtinDir = path.join(dir, "builtin");
  try {
    await buildBuiltins(builtinDir, { from: import.meta.url, inspector: workerInspector });
    // esbuild's helper process would be measured, too.
    await (await import("esbuild")).stop();
    const basis = { threadMs: await p50(9, runInThread), nodeMs: await p50(9, bareNode) };
    print(await benchRunner({ adaptorDir: path.join(dir, "own"), builtinDir }), basis);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function p50(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return quantile(times, 0.5);
}

async function bareNode(): Promise<void> {
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
}

function print(bench: RunnerBench, { threadMs, nodeMs }: Basis): void {
  const time = (what: string, ms: number, bound: string): void => {
    const ratios = [ms / threadMs, ms / nodeMs].map((ratio) => `${ratio.toFixed(3)} ×`.padStart(14));
    console.log(
      `${what.padEnd(38)} ${`${ms.toFixed(1)} ms`.padStart(10)} ${bound.padStart(10)} ${ratios.join(" ")}`,
    );
  };
  const amount = (what: string, value: string, bound: string): void =>
    console.log(`${what.padEnd(38)} ${value.padStart(10)} ${bound.padStart(10)}`);
  console.log(`\njob runner${" ".repeat(29)}   measured     at most   of a thread   of node -e 0`);
  time("@openfn/runtime, a thread a run, p50", threadMs, "");
  time("node -e 0, p50", nodeMs, "");
  time("warm trivial step, p50", bench.warmTrivialP50Ms, "2 ms");
  time("warm trivial step, p95", bench.warmTrivialP95Ms, "");
  time("language-http to a local server, p50", bench.warmHttpP50Ms, "5 ms");
  time("cold project to first result, p50", bench.coldFirstResultP50Ms, "60 ms");
  const { workersMb, runnerMb, steps } = bench.growth;
  const change = ({ before, after }: typeof workersMb) => `${before.toFixed(0)} → ${after.toFixed(0)} MB`;
  amount("private memory of a worker, p90", `${bench.privateMbPerWorker?.toFixed(0) ?? "?"} MB`, "50 MB");
  console.log(
    `job steps per second of CPU: trivial ${bench.trivialStepsPerSecondPerCore.toFixed(0)} (at least 150),`,
    `language-http ${bench.httpStepsPerSecondPerCore.toFixed(0)}; a thread a run manages ${(1000 / threadMs).toFixed(1)} one after another`,
  );
  console.log(
    `resident after a tenth and after all of ${steps} steps of one project: largest worker ${change(workersMb)}, runner ${change(runnerMb)}`,
  );
}
