import { announcementsOf } from "@/lib/queue/queue";
import type { ExecutionHost } from "./host";

const strandedAfterMinutes = 10;

/**
 * The safety net, every minute. It ends nothing: runs that have begun and whose executor is gone are handed back to the
 * queue, where the next executor takes them over, and runs that wait without anything having been sent for them are sent
 * again.
 */
export async function sweepUnfinished(
  host: Pick<ExecutionHost, "storage" | "announce" | "executor">,
): Promise<{ handedBack: number; resent: number }> {
  const { storage, announce, executor } = host;
  await executor.ready();
  // Whoever was cut off from the database itself, or has just come, takes nobody for gone.
  const handedBack = executor.isSteady ? await storage.handBackAbandoned() : [];
  const resent = await storage.requestStranded(strandedAfterMinutes);
  for (const announcement of announcementsOf([...handedBack, ...resent])) announce(announcement);
  return { handedBack: handedBack.length, resent: resent.length };
}
