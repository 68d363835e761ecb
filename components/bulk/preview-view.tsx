"use client";
import { sentWords } from "@/components/rerun/rerun-words";
import { formatCount, shortId } from "@/components/ui/format";
import { ClockTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import type { BulkPreview } from "@/lib/domain/bulk/schemas";
import type { BulkKind, BulkTarget } from "@/lib/words";
import { countWords } from "./words";

type Props = {
  target: BulkTarget;
  kind: BulkKind;
  preview: BulkPreview | undefined;
  error: Error | null;
};

/** What an act would be about: how many, what it would do a second time, what it cannot do, and the first of them. */
export function PreviewView({ target, kind, preview, error }: Props) {
  if (error)
    return (
      <p role="alert" data-status="failed" className="text-(--status)">
        {error.message}
      </p>
    );
  if (!preview)
    return (
      <div role="status" className="grid gap-2">
        <span className="text-muted-foreground">Counting…</span>
        <Skeleton className="h-16" />
      </div>
    );
  const { count, isMore, looked, runs, succeeded, refusals, sample } = preview;
  const ofFirst = looked < count || isMore ? `Of the first ${looked.toLocaleString("en")}: ` : "";
  return (
    <section aria-label="What it would do" className="grid gap-2.5 rounded-md border bg-muted/40 px-3 py-2.5">
      <p className="nums">
        <strong className="font-semibold">{countWords(target, count, isMore)}</strong>
        {count > 0
          ? `. ${ofFirst}${formatCount(runs, "run")} would be ${kind === "cancel" ? "cancelled" : "started"}.`
          : ", nothing to do."}
      </p>
      {succeeded.length > 0 ? (
        <div className="grid gap-1">
          <p className="caption">Would be done a second time</p>
          <ul className="grid max-h-32 gap-1 overflow-y-auto">
            {succeeded.map((job) => (
              <li key={job.jobId} className="text-[13px] [overflow-wrap:anywhere]">
                <span className="font-medium">{job.jobName}</span>{" "}
                <span className="text-muted-foreground">{sentWords(job)}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {refusals.length > 0 ? (
        <div className="grid gap-1">
          <p className="caption">Cannot be done</p>
          <ul className="grid gap-1">
            {refusals.map(({ reason, meaning, count: many }) => (
              <li key={reason} className="text-[13px]">
                <span className="nums font-medium">{many.toLocaleString("en")}</span>{" "}
                <span className="text-muted-foreground">{meaning}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {sample.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-[13px] text-muted-foreground">The first of them</summary>
          <ul className="mt-1.5 grid gap-0.5">
            {sample.map(({ id, at, summary }) => (
              <li key={id} className="flex min-w-0 gap-2.5 text-xs">
                <span className="nums shrink-0 text-muted-foreground">
                  <ClockTime value={at} />
                </span>
                <span className="truncate font-mono">{summary || shortId(id)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
