import path from "node:path";
import process from "node:process";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { answerProbe } from "@/lib/probes/probes";
import { Registrar } from "@/lib/runner/host/registrar";
import { createRunner, type LocalRunner } from "@/lib/runner/host/runner";
import { serveRunner } from "@/lib/runner/host/server";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { assertIsolation, isStrongIsolation } from "@/lib/runner/sandbox/sandbox";
import { drainsOf } from "@/lib/settings/drain.mjs";
import { beat } from "./parent";
import { startProbes } from "./probes";
import { placeOfRunner, type RunnerPlace } from "./runner-address";
import { beginStopping } from "./stopping";
import { surviveErrors } from "./survive";

/** For the last results to leave. */
const farewellMs = 400;
const parentCheckMs = 1_000;

/** The runner process: reads its environment, starts, serves until it is told to stop or its parent has gone. */
async function main(): Promise<void> {
  const { DATA_DIR, ...settings } = env();
  const place = placeOfRunner(env());
  const isolation = await probeIsolation();
  const { layers } = isolation.plan;
  assertIsolation(layers, settings.ALLOW_WEAK_SANDBOX);
  if (!isStrongIsolation(layers)) {
    log.warn("Job isolation is weak: every author of jobs is trusted", { isolation: layers });
  }
  const runner = await createRunner({
    name: place.name,
    isolation,
    adaptorDir: path.resolve(DATA_DIR, "adaptors"),
    builtinDir: path.join(import.meta.dirname, "adaptors"),
    pidFile: path.resolve(DATA_DIR, "runner/workers"),
    reuse: settings.WORKER_REUSE,
    egressAllow: settings.EGRESS_ALLOW,
    egressDeny: settings.EGRESS_DENY,
    limits: { timeoutMs: settings.STEP_TIMEOUT_MS, memoryMb: settings.STEP_MEMORY_MB },
  });
  const probes = await startProbes("runner", () => runner.problem());
  const server = await serveRunner(runner, {
    ...place.serving,
    answerOpenly: (request, response) => answerProbe(probes, request, response),
  });
  if (place.fingerprint)
    log.info(`The runner's certificate has the SHA-256 fingerprint ${place.fingerprint}`, { url: place.url });
  const registrar = settings.RUNNER_REGISTER_AT
    ? registrarFor(runner, place, settings.RUNNER_REGISTER_AT)
    : null;
  log.debug("runner is up", { url: place.url, isolation: layers, workers: runner.pool.counts.limit });
  const stop = async (): Promise<void> => {
    beginStopping();
    const closed = new Promise((resolve) => server.close(resolve));
    const drained = runner.steps.drain(drainsOf(env()).runner);
    void registrar?.say();
    await drained;
    await runner.close();
    server.closeIdleConnections();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, farewellMs))]);
    process.exit(0);
  };
  endWith(stop);
}

/** Makes this life of the runner known where the settings say. */
function registrarFor(runner: LocalRunner, place: RunnerPlace, at: string): Registrar {
  const { name, reachedAt: address, fingerprint, serving } = place;
  return new Registrar({
    at,
    token: serving.token,
    self: () => {
      const { life: id, capacity, isDraining } = runner.health();
      return { id, name, address, fingerprint, capacity, isDraining };
    },
  });
}

/** Stops on a signal, and without ceremony when whoever started this process is gone. */
function endWith(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      void stop();
    });
  }
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, parentCheckMs).unref();
}

surviveErrors();
beat();
main().catch((error: unknown) => {
  log.error("The runner did not start", { error });
  process.exit(1);
});
