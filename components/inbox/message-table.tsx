"use client";
import { PickBox } from "@/components/bulk/pick-box";
import type { Selection } from "@/components/bulk/use-selection";
import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { formatBytes } from "@/components/ui/format";
import { Marked } from "@/components/ui/marked";
import { ClockTime } from "@/components/ui/relative-time";
import type { MessageRow } from "@/lib/domain/message/types";
import type { Term } from "@/lib/search/terms";
import { JobStateChips } from "./job-state-chips";
import { SourceLabel } from "./source-label";

export type MessageTableProps = {
  rows: MessageRow[];
  /** Address of a message's receipt inspector, with the list's filter. */
  hrefOf: (messageId: string, stepId?: string | null) => string;
  freshIds: ReadonlySet<string>;
  /** What is searched for, marked where it is. */
  terms?: readonly Term[];
  /** Where rows can be chosen. */
  selection?: Selection | undefined;
};

const nothing: readonly Term[] = [];

const columns: Column[] = [
  { name: "Received", className: "w-36" },
  { name: "Source", className: "w-26" },
  { name: "Size", className: "w-20 text-right" },
  { name: "Message" },
  { name: "Job states", className: "w-[38%]" },
];

/** One row a message. On a phone each row is a card of three lines. */
export function MessageTable({ rows, hrefOf, freshIds, terms = nothing, selection }: MessageTableProps) {
  return (
    <ListTable caption="Messages, newest first" columns={columns}>
      {rows.map((row) => (
        <MessageLine key={row.id} {...{ row, hrefOf, terms, selection }} isFresh={freshIds.has(row.id)} />
      ))}
    </ListTable>
  );
}

function MessageLine({
  row,
  hrefOf,
  isFresh,
  terms,
  selection,
}: {
  row: MessageRow;
  hrefOf: MessageTableProps["hrefOf"];
  isFresh: boolean;
  terms: readonly Term[];
  selection: Selection | undefined;
}) {
  return (
    <ListRow
      data-status={row.jobTotals.failure > 0 ? "failure" : undefined}
      isFresh={isFresh}
      className="data-[status]:shadow-[inset_3px_0_var(--status)] max-md:grid-cols-[auto_auto_1fr] max-md:gap-x-2 max-md:gap-y-1.5"
    >
      <td>
        <span className="flex items-center gap-2.5">
          {selection ? (
            <PickBox id={row.id} label={`Choose message ${row.id}`} selection={selection} />
          ) : null}
          <RowLink href={hrefOf(row.id)} className="nums whitespace-nowrap">
            <ClockTime value={row.receivedAt} />
            <span className="sr-only">: open the receipt of message {row.id}</span>
          </RowLink>
        </span>
      </td>
      <td>
        <SourceLabel source={row.source} />
      </td>
      <td className="nums text-right text-muted-foreground text-xs">{formatBytes(row.size)}</td>
      <td className="max-md:col-span-3">
        <span className="block truncate font-mono text-[12.5px] text-muted-foreground group-hover:text-foreground">
          <Marked text={row.excerpt ?? (row.preview || (row.wiped?.says ?? "(empty body)"))} terms={terms} />
        </span>
      </td>
      <td className="max-md:col-span-3">
        <JobStateChips message={row} hrefOf={(state) => hrefOf(row.id, state?.stepId)} />
      </td>
    </ListRow>
  );
}
