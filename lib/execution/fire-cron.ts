import { announceRuns } from "@/lib/queue/queue";
import { nextFire } from "@/lib/workflow/cron";
import type { ExecutionHost } from "./host";

/**
 * Starts a run for every cron trigger that is due; any number of engines may do so at once, and a tick is fired once.
 * Returns how many were fired.
 */
export async function fireDueCronTriggers(
  { storage, announce, clock }: Pick<ExecutionHost, "storage" | "announce" | "clock">,
  now = clock(),
): Promise<number> {
  const queued = await storage.fireDueTriggers(now, (expression) => nextFire(expression, now));
  announceRuns(announce, queued);
  return queued.length;
}
