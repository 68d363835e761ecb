import { announcementsOf } from "@/lib/queue/queue";
import { lostResult } from "@/lib/runner/results";
import { kept } from "@/lib/state/kept";
import { reasons } from "@/lib/workflow/status";
import type { ExecutionHost } from "./host";

const graceMs = 60_000;
const strandedAfterMinutes = 10;

/**
 * The safety net, every minute. Steps that have been running longer than any step may, and that the runner does not
 * know, are lost, and so are their runs; runs that wait without anything having been sent for them are sent again.
 */
export async function sweepUnfinished(host: ExecutionHost): Promise<{ lost: number; resent: number }> {
  const { storage, announce, clock } = host;
  const overdue = await storage.overdueSteps(new Date(clock().getTime() - host.stepTimeoutMs - graceMs));
  for (const { id, runId, projectId, messageId, logLines } of overdue) {
    const ref = { stepId: id, epoch: 0, attempt: 0 };
    const fate = await host.runner.followStep(ref, () => {}).catch(() => null);
    const result = fate?.kind === "result" ? fate.result : lostResult(null);
    const runEnd = {
      state: reasons[result.reason].runState,
      errorType: result.error?.type ?? null,
      errorMessage: result.error?.message ?? null,
    };
    const completion = {
      stepId: id,
      result,
      kept: kept(projectId, result),
      takenEdges: [],
      logLines,
      credentialName: null,
      runEnd,
    };
    await storage.completeSteps([completion]);
    announce({ projectId, runs: [runId], messages: messageId ? [messageId] : [] });
  }
  const resent = await storage.requestStranded(strandedAfterMinutes);
  for (const announcement of announcementsOf(resent)) announce(announcement);
  return { lost: overdue.length, resent: resent.length };
}
