import { announcementsOf } from "@/lib/queue/queue";
import type { ExecutionHost } from "./host";

/**
 * The safety net, every minute. It ends nothing: runs that have begun and whose executor is gone are handed back to the
 * queue, where the next executor takes them over. Those that wait without being queued are inngest/forgotten's.
 */
export async function sweepUnfinished(
  host: Pick<ExecutionHost, "storage" | "announce" | "executor">,
): Promise<{ handedBack: number }> {
  const { storage, announce, executor } = host;
  await executor.ready();
  await executor.beat();
  // Whoever was cut off from the database itself, slept, or has just come, takes nobody for gone.
  const handedBack = executor.isSteady ? await storage.handBackAbandoned() : [];
  for (const announcement of announcementsOf(handedBack)) announce(announcement);
  return { handedBack: handedBack.length };
}
