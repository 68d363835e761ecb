import { announceRuns } from "@/lib/queue/queue";
import type { ExecutionHost } from "./host";

/**
 * Asks for the runs of a project that were kept and that nothing is in the way of any more, some at a time, each time in
 * one commit. Returns how many. Safe to call at any time.
 */
export async function releaseRuns(
  { storage, announce }: Pick<ExecutionHost, "storage" | "announce">,
  projectId: string,
): Promise<number> {
  let released = 0;
  for (let isMore = true; isMore; ) {
    const some = await storage.releaseSome(projectId);
    announceRuns(announce, some.runs);
    released += some.runs.length;
    isMore = some.isMore;
  }
  return released;
}
