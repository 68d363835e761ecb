"use client";
import { Confirm } from "@/components/ui/confirm";
import { formatCount } from "@/components/ui/format";
import type { RerunPreview } from "@/lib/domain/run/types";
import { rerunTitle, sentWords } from "./rerun-words";

type Props = { preview: RerunPreview; onConfirm: () => void; onClose: () => void };

/** Asks before anything is sent a second time: which jobs have succeeded already, and where they sent to. */
export function RerunQuestion({ preview, onConfirm, onClose }: Props) {
  const { succeeded, unfinishedRuns } = preview;
  return (
    <Confirm
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={rerunTitle(preview)}
      description={
        <>
          {succeeded.length > 0 ? (
            <ul
              aria-label="Jobs that have succeeded"
              className="mb-2.5 grid max-h-[38vh] divide-y overflow-y-auto rounded-md border bg-card"
            >
              {succeeded.map((job) => (
                <li key={job.jobId} className="grid px-3 py-2">
                  <span className="flex flex-wrap items-baseline gap-x-2">
                    <span className="font-medium text-foreground [overflow-wrap:anywhere]">
                      {job.jobName}
                    </span>
                    {job.workflowName === job.jobName ? null : (
                      <span className="text-xs [overflow-wrap:anywhere]">{job.workflowName}</span>
                    )}
                  </span>
                  <span className="text-[13px] [overflow-wrap:anywhere]">{sentWords(job)}</span>
                </li>
              ))}
            </ul>
          ) : null}
          {unfinishedRuns > 0 ? (
            <p className="mb-1">
              {formatCount(unfinishedRuns, "run")} of this already{" "}
              {unfinishedRuns === 1 ? "waits or runs" : "wait or run"} now.
            </p>
          ) : null}
          <p>What was sent stays sent; the rerun sends it a second time.</p>
        </>
      }
      action="Rerun all the same"
      cancel="Do not rerun"
      onConfirm={onConfirm}
    />
  );
}
