import { database } from "@/db/client";
import { sharedRunner } from "@/lib/domain/workflow/runner-adaptors";
import { env } from "@/lib/env";
import { notifier } from "@/lib/live/shared";
import type { Runner } from "@/lib/runner/contract";
import type { ExecutionHost } from "./host";

/** The runner that this process's environment names. Throws when it names none. */
export function runner(): Runner {
  const shared = sharedRunner();
  if (!shared)
    throw new Error(
      "RUNNER_URL and RUNNER_TOKEN are not set: start Waybill with `npm start`, which starts a runner.",
    );
  return shared;
}

export const executionHost = (): ExecutionHost => ({
  database: database(),
  runner: runner(),
  notifier: notifier(),
  stepTimeoutMs: env().STEP_TIMEOUT_MS,
  memoryMb: env().STEP_MEMORY_MB,
});
