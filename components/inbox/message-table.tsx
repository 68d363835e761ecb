"use client";
import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { formatBytes } from "@/components/ui/format";
import { Marked } from "@/components/ui/marked";
import { ClockTime } from "@/components/ui/relative-time";
import type { MessageRow } from "@/lib/domain/message/types";
import type { Term } from "@/lib/search/terms";
import { JobStateChips, jobStatus } from "./job-state-chips";
import { SourceLabel } from "./source-label";

export type MessageTableProps = {
  rows: MessageRow[];
  /** Address of a message's receipt inspector, with the list's filter. */
  hrefOf: (messageId: string, stepId?: string | null) => string;
  freshIds: ReadonlySet<string>;
  /** What is searched for, marked where it is. */
  terms?: readonly Term[];
};

const nothing: readonly Term[] = [];

const columns: Column[] = [
  { name: "Received", className: "w-30" },
  { name: "Source", className: "w-26" },
  { name: "Size", className: "w-20 text-right" },
  { name: "Message" },
  { name: "Job states", className: "w-[38%]" },
];

/** One row a message. On a phone each row is a card of three lines. */
export function MessageTable({ rows, hrefOf, freshIds, terms = nothing }: MessageTableProps) {
  return (
    <ListTable caption="Messages, newest first" columns={columns}>
      {rows.map((row) => (
        <MessageLine key={row.id} row={row} hrefOf={hrefOf} isFresh={freshIds.has(row.id)} terms={terms} />
      ))}
    </ListTable>
  );
}

function MessageLine({
  row,
  hrefOf,
  isFresh,
  terms,
}: {
  row: MessageRow;
  hrefOf: MessageTableProps["hrefOf"];
  isFresh: boolean;
  terms: readonly Term[];
}) {
  return (
    <ListRow
      data-status={row.jobStates.some((state) => jobStatus(state) === "failure") ? "failure" : undefined}
      isFresh={isFresh}
      className="data-[status]:shadow-[inset_3px_0_var(--status)] max-md:grid-cols-[auto_auto_1fr] max-md:gap-x-2 max-md:gap-y-1.5"
    >
      <td>
        <RowLink href={hrefOf(row.id)} className="nums whitespace-nowrap">
          <ClockTime value={row.receivedAt} />
          <span className="sr-only">: open the receipt of message {row.id}</span>
        </RowLink>
      </td>
      <td>
        <SourceLabel source={row.source} />
      </td>
      <td className="nums text-right text-muted-foreground text-xs">{formatBytes(row.size)}</td>
      <td className="max-md:col-span-3">
        <span className="block truncate font-mono text-[12.5px] text-muted-foreground group-hover:text-foreground">
          <Marked text={row.excerpt ?? (row.preview || "(empty body)")} terms={terms} />
        </span>
      </td>
      <td className="max-md:col-span-3">
        <JobStateChips message={row} hrefOf={(state) => hrefOf(row.id, state.stepId)} />
      </td>
    </ListRow>
  );
}
