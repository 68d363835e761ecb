"use client";
import { Confirm } from "@/components/ui/confirm";
import { formatCount } from "@/components/ui/format";
import type { RerunPreview } from "@/lib/domain/run/types";
import { rerunTitle, sentWords } from "./rerun-words";
import { type Version, VersionChoice } from "./version-choice";

type Props = {
  projectId: string;
  preview: RerunPreview;
  version: Version;
  onVersion: ((version: Version) => void) | undefined;
  /** Why it can be no other version. */
  note: string | null;
  onConfirm: () => void;
  onClose: () => void;
};

/**
 * Asks before anything is sent a second time (which jobs have succeeded already, and where they sent to), and on which
 * version it is to run where the workflow has changed since.
 */
export function RerunQuestion({ projectId, preview, version, onVersion, note, onConfirm, onClose }: Props) {
  const { succeeded, unfinishedRuns, versions } = preview;
  const isAgain = succeeded.length > 0 || unfinishedRuns > 0;
  return (
    <Confirm
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={rerunTitle(preview)}
      isWide={versions.length > 0}
      description={
        <>
          {succeeded.length > 0 ? <Succeeded jobs={succeeded} /> : null}
          {unfinishedRuns > 0 ? (
            <p className="mb-1">
              {formatCount(unfinishedRuns, "run")} of this already{" "}
              {unfinishedRuns === 1 ? "waits or runs" : "wait or run"} now.
            </p>
          ) : null}
          {isAgain ? <p>What was sent stays sent; the rerun sends it a second time.</p> : null}
          {note ? <p className="mb-2">{note}</p> : null}
          {versions.length > 0 ? (
            <div className={isAgain ? "mt-3" : ""}>
              <VersionChoice {...{ projectId, versions, version }} onChange={onVersion} />
            </div>
          ) : null}
        </>
      }
      action={isAgain ? "Rerun all the same" : "Rerun"}
      cancel="Do not rerun"
      onConfirm={onConfirm}
    />
  );
}

const Succeeded = ({ jobs }: { jobs: RerunPreview["succeeded"] }) => (
  <ul
    aria-label="Jobs that have succeeded"
    className="mb-2.5 grid max-h-[38vh] divide-y overflow-y-auto rounded-md border bg-card"
  >
    {jobs.map((job) => (
      <li key={job.jobId} className="grid px-3 py-2">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium text-foreground [overflow-wrap:anywhere]">{job.jobName}</span>
          {job.workflowName === job.jobName ? null : (
            <span className="text-xs [overflow-wrap:anywhere]">{job.workflowName}</span>
          )}
        </span>
        <span className="text-[13px] [overflow-wrap:anywhere]">{sentWords(job)}</span>
      </li>
    ))}
  </ul>
);
