import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { CliFailure, wordsOf } from "@/lib/cli/failure";
import { parseEnv } from "@/lib/env";
import { buildBuiltins } from "@/lib/runner/adaptors/builtins";
import { AdaptorInstallError, type AdaptorStore } from "@/lib/runner/adaptors/index";
import { parseSpecifier } from "@/lib/runner/adaptors/names";
import type { LogLine, StepResult } from "@/lib/runner/contract";
import { createRunner, type LocalRunner } from "@/lib/runner/host/runner";
import { probeIsolation } from "@/lib/runner/sandbox/isolation";
import { isStrongIsolation } from "@/lib/runner/sandbox/sandbox";
import { problemsOf } from "@/lib/settings/read.mjs";
import type { LocalJob } from "./find-job";
import type { GivenState } from "./state";

export type SandboxOptions = {
  env: Readonly<Record<string, string | undefined>>;
  /** How many jobs may run at once. */
  workers: number;
  /** Hosts that jobs may reach although the table of addresses closes them: a server of this machine. */
  allow?: readonly string[];
  /** Told when some of the layers around a job cannot be had here. */
  weak?: (layers: readonly string[]) => void;
  /** Told when something has to be made here first, which takes seconds. */
  preparing?: () => void;
};

export type Execution = {
  job: LocalJob;
  state: GivenState;
  /** Nothing is sent: requests are kept in the result and answered with an empty success. */
  isDry: boolean;
  timeoutMs?: number;
  onLog?: (line: LogLine) => void;
  signal?: AbortSignal;
};

/** Runs jobs as the product does, without a server. */
export type Sandbox = {
  /** Throws `CliFailure` when the job's adaptor cannot be had, or no worker starts. */
  run(execution: Execution): Promise<StepResult>;
};

/**
 * Opens the job runner in this process: the same compiler, workers, adaptors and rules for addresses as in the product,
 * with its settings (`EGRESS_ALLOW`, `STEP_TIMEOUT_MS` …) from `env`. Everything is closed when `use` has ended. Throws
 * `CliFailure` when no worker starts on this machine, or a setting is wrong.
 */
export async function withSandbox<T>(
  options: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const problems = problemsOf({ ...options.env });
  if (problems.length > 0) throw new CliFailure(problems.join(" "), { exitCode: 1 });
  const runner = await openRunner(options);
  const versions = new Map<string, Promise<string>>();
  try {
    return await use({ run: (execution) => runOne(runner, versions, execution) });
  } finally {
    await runner.close();
  }
}

async function openRunner({
  env,
  workers,
  allow = [],
  weak,
  preparing,
}: SandboxOptions): Promise<LocalRunner> {
  const settings = parseEnv({ ...env });
  const places = await adaptorPlaces(env, preparing);
  const isolation = await probeIsolation().catch((error: unknown) => {
    throw new CliFailure(wordsOf(error), {
      exitCode: 1,
      next: "Jobs run in Deno, which comes with this installation on Linux. Run `npm ci` there again.",
    });
  });
  const { layers } = isolation.plan;
  if (!isStrongIsolation(layers)) weak?.(layers);
  return createRunner({
    ...places,
    isolation,
    workers,
    blanks: 0,
    egressAllow: [...settings.EGRESS_ALLOW, ...allow],
    egressDeny: settings.EGRESS_DENY,
    limits: { timeoutMs: settings.STEP_TIMEOUT_MS, memoryMb: settings.STEP_MEMORY_MB },
  });
}

/**
 * Where adaptors are: those of the installation beside this program, or built from its packages once; others in
 * `DATA_DIR`, so that they are shared with a product that runs here, or in the user's cache.
 */
async function adaptorPlaces(
  env: SandboxOptions["env"],
  preparing: (() => void) | undefined,
): Promise<{ adaptorDir: string; builtinDir: string }> {
  const cache = path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), ".cache"), "waybill");
  const adaptorDir = path.resolve(env.DATA_DIR || cache, "adaptors");
  const beside = path.join(import.meta.dirname, "adaptors");
  if (await isThere(beside)) return { adaptorDir, builtinDir: beside };
  const builtinDir = path.join(cache, "builtin-adaptors");
  if (!(await isThere(builtinDir))) preparing?.();
  await buildBuiltins(builtinDir, { from: import.meta.url, inspector: null });
  return { adaptorDir, builtinDir };
}

const isThere = (place: string): Promise<boolean> =>
  fs.access(place).then(
    () => true,
    () => false,
  );

async function runOne(
  runner: LocalRunner,
  versions: Map<string, Promise<string>>,
  { job, state, isDry, timeoutMs, onLog, signal }: Execution,
): Promise<StepResult> {
  const adaptor = await pinned(runner.store, versions, job.adaptor);
  const stepId = randomUUID();
  const cancel = () => runner.steps.cancel(stepId);
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    signal?.throwIfAborted();
    return await new Promise((resolve, reject) => {
      runner.steps.start(
        {
          stepId,
          runId: stepId,
          projectId: "local",
          job: { id: job.key, name: job.name, source: job.source, adaptor },
          input: state.input,
          configuration: state.configuration,
          credentialId: null,
          conditions: [],
          ...(timeoutMs === undefined ? {} : { limits: { timeoutMs } }),
          ...(isDry ? { egress: { record: true } } : {}),
        },
        {
          event(event) {
            if (event.type === "log") onLog?.(event.line);
            else if (event.type === "result") resolve(event.result);
            else if (event.type === "not_started") reject(new CliFailure(event.message, { exitCode: 3 }));
          },
        },
      );
    });
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** The exact version of a job's adaptor, installed when it is not here yet; asked for once. */
async function pinned(
  store: AdaptorStore,
  versions: Map<string, Promise<string>>,
  specifier: string,
): Promise<{ name: string; version: string }> {
  try {
    const { name, version } = parseSpecifier(specifier);
    const known = versions.get(specifier) ?? store.resolve(name, version).then((info) => info.version);
    versions.set(specifier, known);
    return { name, version: await known };
  } catch (error) {
    if (!(error instanceof AdaptorInstallError)) throw error;
    throw new CliFailure(`${specifier}: ${error.message}`, { exitCode: 3 });
  }
}
