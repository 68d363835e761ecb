import Link from "next/link";
import type { ReactNode } from "react";
import { apiPath } from "@/components/api";
import { NameDialog } from "@/components/manual-run/name-dialog";
import { cn } from "@/components/ui/cn";
import { formatDuration, shortId } from "@/components/ui/format";
import { AbsoluteTime } from "@/components/ui/relative-time";
import type { RunDetail } from "@/lib/domain/run/types";
import { waitWords } from "./wait-words";

/** The head of a run: which input, which run of its work order, which version, when. */
export function RunHead({ run, mayName }: { run: RunDetail; mayName: boolean }) {
  const tookMs =
    run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  const startJob = run.snapshot.graph.jobs.find((job) => job.id === run.startingJobId);
  return (
    <dl className="note-grid grid-cols-2 md:grid-cols-3 xl:grid-cols-6">
      <Cell name="Input">
        {run.messageId ? (
          <Link
            href={`/p/${run.projectId}/inbox/${run.messageId}`}
            className="font-mono text-[13px] text-accent underline"
          >
            message {shortId(run.messageId)}
          </Link>
        ) : (
          <StoredInput run={run} mayName={mayName} />
        )}
      </Cell>
      <Cell name="Run">
        {run.attempt}
        {run.createdBy ? <span className="text-muted-foreground">, by {run.createdBy}</span> : null}
      </Cell>
      <Cell name="Version">
        {run.snapshot.lockVersion}
        <span className="text-muted-foreground">
          {run.snapshot.isLatest ? " (latest)" : " (not the latest)"}
        </span>
      </Cell>
      <Cell name="Began at">{startJob ? startJob.name : "the trigger"}</Cell>
      <Cell name="Started">
        {run.startedAt ? (
          <AbsoluteTime value={run.startedAt} />
        ) : run.waitsFor ? (
          `not yet: ${waitWords[run.waitsFor]}`
        ) : (
          "not yet"
        )}
      </Cell>
      <Cell name="Duration">{tookMs === null ? "–" : formatDuration(tookMs)}</Cell>
      {run.orderKey ? (
        <Cell name="Key" className="col-span-full">
          <code className="font-mono text-[13px]">{run.orderKey}</code>
          <span className="text-muted-foreground">, in order</span>
        </Cell>
      ) : null}
    </dl>
  );
}

/** The state that it began with, when that is no message. */
function StoredInput({ run, mayName }: { run: RunDetail; mayName: boolean }) {
  const { projectId, input } = run;
  if (!input) return "not a message";
  const words = input.name ?? (input.type === "saved_input" ? "brought by hand" : "a stored state");
  const href = apiPath("/api/projects/[project]/dataclips/[id]/body", {
    project: projectId,
    id: input.dataclipId,
  });
  if (!input.isKept) return <>{words}, not kept any more</>;
  return (
    <span className="flex flex-wrap items-center gap-1">
      <a href={href} className="text-accent underline [overflow-wrap:anywhere]">
        {words}
      </a>
      {mayName ? <NameDialog projectId={projectId} dataclipId={input.dataclipId} name={input.name} /> : null}
    </span>
  );
}

function Cell({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <div className={cn("min-w-0", className)}>
      <dt className="caption">{name}</dt>
      <dd className="nums [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}
