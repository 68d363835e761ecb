import { log } from "@/lib/log";
import { announceRuns } from "@/lib/queue/queue";
import type { ExecutionHost } from "./host";
import { releaseRuns } from "./release-runs";
import { stopRun } from "./stop-run";

/**
 * The safety net, every minute. It ends nothing: runs that have begun and whose executor is gone are handed back to the
 * queue, where the next executor takes them over, and jobs of runs that were cancelled are asked again to stop, whose
 * runner could not be reached then. What waits for a turn or a pause that is over is let go. Runs that wait without being
 * queued are inngest/forgotten's.
 */
export async function sweepUnfinished(host: ExecutionHost): Promise<{ handedBack: number }> {
  const { storage, announce, executor } = host;
  await executor.ready();
  await executor.beat();
  // Whoever was cut off from the database itself, slept, or has just come, takes nobody for gone.
  const handedBack = executor.isSteady ? await storage.handBackAbandoned() : [];
  announceRuns(announce, handedBack);
  const cancelled = await storage.overdueCancels();
  await Promise.allSettled(cancelled.map((runId) => stopRun(host, runId, 0)));
  for (const projectId of await storage.heldProjects()) await releaseAlone(host, projectId);
  return { handedBack: handedBack.length };
}

/** What cannot be let go in one project keeps nobody else's runs. */
async function releaseAlone(host: ExecutionHost, projectId: string): Promise<void> {
  try {
    await releaseRuns(host, projectId);
  } catch (error) {
    log.warn("Runs that may go on were not asked for", { projectId, error });
  }
}
