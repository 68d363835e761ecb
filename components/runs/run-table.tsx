"use client";
import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { formatDuration, shortId } from "@/components/ui/format";
import { ClockTime } from "@/components/ui/relative-time";
import { StatusChip, StatusIcon, statusWord, stepStatus } from "@/components/ui/status-chip";
import type { RunRow } from "@/lib/domain/run/types";

export type RunTableProps = { projectId: string; rows: RunRow[]; freshIds: ReadonlySet<string> };

/** One row a run. On a phone each row is a card. */
export function RunTable({ projectId, rows, freshIds }: RunTableProps) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <table className="w-full table-fixed border-collapse text-left max-md:block">
        <caption className="sr-only">Runs, newest first</caption>
        <thead className="max-md:sr-only">
          <tr className="caption h-8 border-b bg-muted/60 [&>th]:px-3 [&>th]:font-medium">
            <th scope="col" className="w-30">
              State
            </th>
            <th scope="col">Workflow</th>
            <th scope="col" className="w-[30%]">
              Steps
            </th>
            <th scope="col" className="w-28">
              Message
            </th>
            <th scope="col" className="w-28">
              Started
            </th>
            <th scope="col" className="w-24 text-right">
              Duration
            </th>
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((run) => (
            <RunLine key={run.id} projectId={projectId} run={run} isFresh={freshIds.has(run.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunLine({ projectId, run, isFresh }: { projectId: string; run: RunRow; isFresh: boolean }) {
  const tookMs =
    run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <tr
      className={cn(
        "group relative border-b last:border-b-0 hover:bg-muted/50 has-[a[data-row]:focus-visible]:bg-accent-soft max-md:grid max-md:grid-cols-[auto_1fr_auto] max-md:items-center max-md:gap-x-2.5 max-md:gap-y-1 max-md:px-3 max-md:py-2.5 md:[&>td]:px-3 md:[&>td]:py-1.75",
        isFresh && "row-new",
      )}
    >
      <td>
        <StatusChip status={run.state} title={run.errorType ?? undefined} />
      </td>
      <td className="min-w-0 truncate">
        <Link
          href={`/p/${projectId}/runs/${run.id}`}
          prefetch={false}
          data-row
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ring focus-visible:after:-outline-offset-2"
        >
          {run.workflowName}
          <span className="sr-only">: open run {run.id}</span>
        </Link>
      </td>
      <td className="max-md:order-last max-md:col-span-3">
        <StepDots steps={run.steps} errorType={run.errorType} />
      </td>
      <td className="max-md:hidden">
        {run.messageId ? (
          <Link
            href={`/p/${projectId}/inbox/${run.messageId}`}
            prefetch={false}
            className="nums relative z-10 font-mono text-accent text-xs hover:underline"
          >
            <span className="sr-only">Message </span>
            {shortId(run.messageId)}
          </Link>
        ) : (
          <span className="text-muted-foreground text-xs">no message</span>
        )}
      </td>
      <td className="nums whitespace-nowrap text-muted-foreground text-xs">
        <ClockTime value={run.startedAt ?? run.createdAt} />
      </td>
      <td className="nums text-right text-muted-foreground text-xs max-md:hidden">
        {tookMs === null ? "–" : formatDuration(tookMs)}
      </td>
    </tr>
  );
}

/** The steps of a run as a row of stamps, in order. */
function StepDots({ steps, errorType }: { steps: RunRow["steps"]; errorType: string | null }) {
  if (steps.length === 0)
    return <span className="text-muted-foreground text-xs">{errorType ?? "none yet"}</span>;
  return (
    <ol className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs">
      {steps.map((step) => {
        const status = stepStatus(step.exitReason);
        return (
          <li key={step.id} data-status={status} className="inline-flex max-w-full items-center gap-1">
            <StatusIcon status={status} className="text-(--status)" />
            <span className="truncate">{step.jobName}</span>
            <span className="sr-only">{statusWord(status)}</span>
          </li>
        );
      })}
    </ol>
  );
}
