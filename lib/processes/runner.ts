import path from "node:path";
import process from "node:process";
import { env } from "@/lib/env";
import { within } from "@/lib/in-time";
import { log } from "@/lib/log";
import { answerProbe } from "@/lib/probes/probes";
import { Registrar } from "@/lib/runner/host/registrar";
import { createRunner, type LocalRunner } from "@/lib/runner/host/runner";
import { serveRunner } from "@/lib/runner/host/server";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { assertIsolation, isStrongIsolation } from "@/lib/runner/sandbox/sandbox";
import { drainsOf } from "@/lib/settings/drain.mjs";
import { beat, tellWaiting } from "./parent";
import { startProbes } from "./probes";
import { placeOfRunner, type RunnerPlace } from "./runner-address";
import { beginStopping } from "./stopping";
import { surviveErrors } from "./survive";
import { tidyAtRest } from "./tidy.mjs";

/** For the last results to leave. */
const farewellMs = 400;
const parentCheckMs = 1_000;

/** The runner process: reads its environment, starts, serves until it is told to stop or its parent has gone. */
async function main(): Promise<void> {
  const { DATA_DIR, ...settings } = env();
  const place = await placeOfRunner(env());
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
    pidFile: path.resolve(DATA_DIR, `runner/workers-${place.key}`),
    journalDir: path.resolve(DATA_DIR, "runner/reached", place.key),
    onReplaced: () => {
      log.error("Another runner has taken the place of this one, which ends");
      process.exit(1);
    },
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
  // Nobody else listens there, so whoever did before is over, whether or not its process still is.
  runner.succeed();
  if (place.fingerprint)
    log.info(`The runner's certificate has the SHA-256 fingerprint ${place.fingerprint}`, { url: place.url });
  const registrar = settings.RUNNER_REGISTER_AT
    ? registrarFor(runner, place, settings.RUNNER_REGISTER_AT)
    : null;
  log.debug("runner is up", { url: place.url, isolation: layers, workers: runner.pool.counts.limit });
  const stop = async (hurry: AbortSignal): Promise<void> => {
    beginStopping();
    const atMostMs = drainsOf(env()).runner;
    const { running } = runner.steps;
    if (running > 0) log.info("The runner ends when its steps have ended", { running, atMostMs });
    tellWaiting("steps", () => runner.steps.running);
    // It listens on: what runs can be followed and cancelled on new connections.
    const drained = runner.steps.drain(atMostMs, hurry);
    void registrar?.say();
    await drained;
    const closed = new Promise((resolve) => server.close(resolve));
    await runner.close();
    server.closeIdleConnections();
    await within(closed, farewellMs);
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

/**
 * Stops on a signal, waits no longer for what runs on a second one, and ends at once on a third, or when whoever started
 * this process is gone.
 */
function endWith(stop: (hurry: AbortSignal) => Promise<void>): void {
  const hurry = new AbortController();
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (hurry.signal.aborted) process.exit(1);
      if (isStopping) hurry.abort();
      else void stop(hurry.signal);
      isStopping = true;
    });
  }
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, parentCheckMs).unref();
}

surviveErrors();
tidyAtRest();
beat();
main().catch((error: unknown) => {
  log.error("The runner did not start", { error });
  process.exit(1);
});
