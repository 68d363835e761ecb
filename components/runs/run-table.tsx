"use client";
import Link from "next/link";
import { PickBox } from "@/components/bulk/pick-box";
import type { Selection } from "@/components/bulk/use-selection";
import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { formatDuration, shortId } from "@/components/ui/format";
import { Marked } from "@/components/ui/marked";
import { ClockTime } from "@/components/ui/relative-time";
import { RunChip, StatusIcon, statusWord, stepStatus } from "@/components/ui/status-chip";
import type { RunRow } from "@/lib/domain/run/types";
import type { Term } from "@/lib/search/terms";
import { ReleaseButton } from "./release-button";
import { waitWords } from "./wait-words";

export type RunTableProps = {
  projectId: string;
  rows: RunRow[];
  freshIds: ReadonlySet<string>;
  /** Whether rejected work orders may be released here. */
  mayRelease?: boolean;
  /** What is searched for, marked where it is. */
  terms?: readonly Term[];
  /** Which rows can be chosen, and are. */
  selection?: Selection | undefined;
  canChoose?: (run: RunRow) => boolean;
};

const nothing: readonly Term[] = [];

const columns: Column[] = [
  { name: "State", className: "w-64" },
  { name: "Workflow" },
  { name: "Steps", className: "w-[30%]" },
  { name: "Message", className: "w-28" },
  { name: "Started", className: "w-28" },
  { name: "Duration", className: "w-24 text-right" },
];

/** One row a run. On a phone each row is a card. */
export function RunTable(props: RunTableProps) {
  const { projectId, rows, freshIds, mayRelease = false, terms = nothing, canChoose = () => true } = props;
  const selectionOf = (run: RunRow) => (canChoose(run) ? props.selection : undefined);
  return (
    <ListTable caption="Runs, newest first" columns={columns}>
      {rows.map((run) => (
        <RunLine
          key={run.id}
          {...{ projectId, run, mayRelease, terms }}
          isFresh={freshIds.has(run.id)}
          selection={selectionOf(run)}
        />
      ))}
    </ListTable>
  );
}

function RunLine({
  projectId,
  run,
  isFresh,
  mayRelease,
  terms,
  selection,
}: {
  projectId: string;
  run: RunRow;
  isFresh: boolean;
  mayRelease: boolean;
  terms: readonly Term[];
  selection: Selection | undefined;
}) {
  const tookMs =
    run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <ListRow isFresh={isFresh} className="max-md:grid-cols-[1fr_auto] max-md:gap-x-2.5 max-md:gap-y-1">
      <td className="max-md:order-3 max-md:col-span-2">
        <span className="flex items-center gap-2.5">
          {selection ? (
            <PickBox
              id={run.id}
              label={`Choose ${run.state === "rejected" ? "work order" : "run"} ${run.id}`}
              selection={selection}
            />
          ) : null}
          <RunChip run={run} title={run.errorType ?? undefined} />
        </span>
      </td>
      <td className="min-w-0 truncate">
        <RowTitle projectId={projectId} run={run} />
      </td>
      <td className="max-md:order-4 max-md:col-span-2">
        {run.state === "rejected" ? (
          <NotStarted projectId={projectId} run={run} mayRelease={mayRelease} />
        ) : (
          <StepDots run={run} />
        )}
        {run.excerpt ? (
          <p className="truncate font-mono text-[12.5px] text-muted-foreground">
            <Marked text={run.excerpt} terms={terms} />
          </p>
        ) : null}
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
        {tookMs === null ? null : <span className="md:hidden">, {formatDuration(tookMs)}</span>}
      </td>
      <td className="nums text-right text-muted-foreground text-xs max-md:hidden">
        {tookMs === null ? "–" : formatDuration(tookMs)}
      </td>
    </ListRow>
  );
}

/** A rejected work order has no run to open, but mostly a message. */
function RowTitle({ projectId, run }: { projectId: string; run: RunRow }) {
  const isRejected = run.state === "rejected";
  if (isRejected && !run.messageId) return <span className="font-medium">{run.workflowName}</span>;
  return (
    <RowLink href={`/p/${projectId}/${isRejected ? `inbox/${run.messageId}` : `runs/${run.id}`}`}>
      {run.workflowName}
      <span className="sr-only">{isRejected ? ": open its message" : `: open run ${run.id}`}</span>
    </RowLink>
  );
}

function NotStarted({ projectId, run, mayRelease }: { projectId: string; run: RunRow; mayRelease: boolean }) {
  return (
    <span className="flex flex-wrap items-center gap-2 text-muted-foreground text-xs">
      no run: the plan had none left
      {mayRelease ? (
        <ReleaseButton
          projectId={projectId}
          order={{ id: run.workOrderId, workflowName: run.workflowName }}
        />
      ) : null}
    </span>
  );
}

/** The steps of a run as a row of stamps, in order. */
function StepDots({ run: { steps, stepTotal, errorType, waitsFor } }: { run: RunRow }) {
  if (steps.length === 0)
    return (
      <span className="text-muted-foreground text-xs">
        {errorType ?? (waitsFor ? `waits: ${waitWords[waitsFor]}` : "none yet")}
      </span>
    );
  return (
    <ol className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs">
      {steps.map((step) => {
        const status = stepStatus(step);
        return (
          <li key={step.id} data-status={status} className="inline-flex max-w-full items-center gap-1">
            <StatusIcon status={status} className="text-(--status)" />
            <span className="truncate">{step.jobName}</span>
            <span className="sr-only">{statusWord(status)}</span>
          </li>
        );
      })}
      {stepTotal > steps.length ? (
        <li className="text-muted-foreground">and {stepTotal - steps.length} more</li>
      ) : null}
    </ol>
  );
}
