"use client";
import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { formatBytes } from "@/components/ui/format";
import { ClockTime } from "@/components/ui/relative-time";
import type { MessageRow } from "@/lib/domain/message/types";
import { JobStateChips } from "./job-state-chips";
import { SourceLabel } from "./source-label";

export type MessageTableProps = {
  rows: MessageRow[];
  /** Address of a message's receipt inspector, with the list's filter. */
  hrefOf: (messageId: string, stepId?: string | null) => string;
  freshIds: ReadonlySet<string>;
};

/** One row a message. On a phone each row is a card of three lines. */
export function MessageTable({ rows, hrefOf, freshIds }: MessageTableProps) {
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <table className="w-full table-fixed border-collapse text-left max-md:block">
        <caption className="sr-only">Messages, newest first</caption>
        <thead className="max-md:sr-only">
          <tr className="caption h-8 border-b bg-muted/60 [&>th]:px-3 [&>th]:font-medium">
            <th scope="col" className="w-30">
              Received
            </th>
            <th scope="col" className="w-26">
              Source
            </th>
            <th scope="col" className="w-20 text-right">
              Size
            </th>
            <th scope="col">Message</th>
            <th scope="col" className="w-[38%]">
              Job states
            </th>
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((row) => (
            <MessageLine key={row.id} row={row} hrefOf={hrefOf} isFresh={freshIds.has(row.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MessageLine({
  row,
  hrefOf,
  isFresh,
}: {
  row: MessageRow;
  hrefOf: MessageTableProps["hrefOf"];
  isFresh: boolean;
}) {
  return (
    <tr
      data-status={row.jobStates.some((state) => state.result === "failure") ? "failure" : undefined}
      className={cn(
        "data-[status]:shadow-[inset_3px_0_var(--status)] group relative border-b last:border-b-0 hover:bg-muted/50 has-[a[data-row]:focus-visible]:bg-accent-soft max-md:grid max-md:grid-cols-[auto_auto_1fr] max-md:items-center max-md:gap-x-2 max-md:gap-y-1.5 max-md:px-3 max-md:py-2.5 md:[&>td]:px-3 md:[&>td]:py-1.75",
        isFresh && "row-new",
      )}
    >
      <td>
        <Link
          href={hrefOf(row.id)}
          prefetch={false}
          data-row
          className="nums whitespace-nowrap font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ring focus-visible:after:-outline-offset-2"
        >
          <ClockTime value={row.receivedAt} />
          <span className="sr-only">: open the receipt of message {row.id}</span>
        </Link>
      </td>
      <td>
        <SourceLabel source={row.source} />
      </td>
      <td className="nums text-right text-muted-foreground text-xs">{formatBytes(row.size)}</td>
      <td className="max-md:col-span-3">
        <span className="block truncate font-mono text-[12.5px] text-muted-foreground group-hover:text-foreground">
          {row.preview || "(empty body)"}
        </span>
      </td>
      <td className="max-md:col-span-3">
        <JobStateChips message={row} hrefOf={(state) => hrefOf(row.id, state.stepId)} />
      </td>
    </tr>
  );
}
