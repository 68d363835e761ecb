import type { Database } from "@/db/client";
import type { Notifier } from "@/lib/live/notifier";
import type { Runner } from "@/lib/runner/contract";

/** What executing runs needs from the process it happens in. */
export type ExecutionHost = {
  database: Database;
  runner: Runner;
  notifier: Pick<Notifier, "touch" | "wakeEngine">;
  /** Wall clock for one step, milliseconds; the sweeper's measure of "too long", too. */
  stepTimeoutMs: number;
  memoryMb: number;
};
