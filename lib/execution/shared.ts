import { database } from "@/db/client";
import { env } from "@/lib/env";
import { notifier } from "@/lib/live/shared";
import { connectRunner } from "@/lib/runner/client";
import type { Runner } from "@/lib/runner/contract";
import type { ExecutionHost } from "./host";

let client: Runner | undefined;

/** The runner that this process's environment names. */
export function runner(): Runner {
  const { RUNNER_URL, RUNNER_TOKEN } = env();
  if (!RUNNER_URL || !RUNNER_TOKEN)
    throw new Error(
      "RUNNER_URL and RUNNER_TOKEN are not set: start Waybill with `npm start`, which starts a runner.",
    );
  client ??= connectRunner({ url: RUNNER_URL, token: RUNNER_TOKEN });
  return client;
}

export const executionHost = (): ExecutionHost => ({
  database: database(),
  runner: runner(),
  notifier: notifier(),
  stepTimeoutMs: env().STEP_TIMEOUT_MS,
  memoryMb: env().STEP_MEMORY_MB,
});
