import { formatCount } from "@/components/ui/format";
import type { RerunPreview } from "@/lib/domain/run/types";

/** The question: the job by name, or how many there are. */
export function rerunTitle({ succeeded, unfinishedRuns }: RerunPreview): string {
  const [job, ...more] = succeeded;
  if (!job) return unfinishedRuns > 0 ? "Rerun what is under way?" : "Rerun on which version?";
  return more.length === 0
    ? `Rerun ${job.jobName}, which has succeeded?`
    : `Rerun ${succeeded.length} jobs that have succeeded?`;
}

/** How often a job has succeeded, and where it sent something to: at most `most` hosts by name. */
export function sentWords({ times, hosts }: RerunPreview["succeeded"][number], most = 6): string {
  const often = times === 1 ? "Succeeded" : `Succeeded ${times} times`;
  if (hosts.length === 0) return `${often}, sent nothing to another system`;
  const shown = hosts.slice(0, most).join(", ");
  const hidden = hosts.length - most;
  return `${often}, sent to ${shown}${hidden > 0 ? ` and ${formatCount(hidden, "more host")}` : ""}`;
}
