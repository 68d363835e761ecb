import { announceRuns } from "@/lib/queue/queue";
import { countFires, nextFire, type Schedule } from "@/lib/workflow/cron";
import type { ExecutionHost } from "./host";
import type { DueTimes } from "./storage";

/** At most so many transactions a tick: the rest is due at the next one. */
const maxBatches = 100;

/**
 * Starts a run for every cron trigger that is due; any number of engines may do so at once, and a tick is fired once.
 * Returns how many runs were queued.
 */
export async function fireDueCronTriggers(
  { storage, announce, clock }: Pick<ExecutionHost, "storage" | "announce" | "clock">,
  now = clock(),
): Promise<number> {
  let fired = 0;
  for (let batches = 0; batches < maxBatches; batches++) {
    const { queued, hasMore } = await storage.fireDueTriggers(now, (schedule, dueAt) =>
      timesOf(schedule, dueAt, now),
    );
    announceRuns(announce, queued);
    fired += queued.length;
    if (!hasMore) break;
  }
  return fired;
}

/** As far as missed times are counted. */
const mostMissed = 1_000;

/** One schedule that cannot be read, of a time zone that this machine does not know, must not stop everybody's clock. */
function timesOf(schedule: Schedule, dueAt: Date, now: Date): DueTimes {
  try {
    return { next: nextFire(schedule, now), missed: countFires(schedule, dueAt, now, mostMissed) };
  } catch {
    return { next: new Date(now.getTime() + retryMs), missed: 0 };
  }
}

const retryMs = 3_600_000;
