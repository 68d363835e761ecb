import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { Badge } from "@/components/ui/badge";
import { formatBytes } from "@/components/ui/format";
import { ClockTime } from "@/components/ui/relative-time";
import type { RefusedRow } from "@/lib/domain/refused/types";
import { AcceptButton } from "./accept-button";
import { causeLabels } from "./cause-words";

const columns: Column[] = [
  { name: "Received", className: "w-30" },
  { name: "Sent to", className: "w-36" },
  { name: "Size", className: "w-20 text-right" },
  { name: "Why" },
  { name: "What to do", className: "w-44" },
];

type Props = { projectId: string; rows: RefusedRow[]; canAccept: boolean };

/** There is a message to look at. */
const isOpenable = ({ messageId, acceptedAt }: RefusedRow) => messageId !== null || acceptedAt !== null;

/** One row a refused request. On a phone each row is a card. */
export function RefusedTable({ projectId, rows, canAccept }: Props) {
  return (
    <ListTable caption="Refused requests, newest first" columns={columns}>
      {rows.map((row) => (
        <ListRow
          key={row.id}
          isFresh={false}
          className="max-md:grid-cols-[1fr_auto] max-md:gap-x-2 max-md:gap-y-1.5"
        >
          <td>
            <RowLink href={`/p/${projectId}/inbox/refused/${row.id}`} className="nums whitespace-nowrap">
              <ClockTime value={row.receivedAt} />
            </RowLink>
          </td>
          <td className="truncate">
            {row.triggerId ? (row.workflowName ?? "a trigger that is gone") : "inbox URL"}
          </td>
          <td className="nums text-right text-muted-foreground max-md:hidden">{formatBytes(row.size)}</td>
          <td className="min-w-0 max-md:col-span-full">
            <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Badge>{causeLabels[row.cause]}</Badge>
              {row.acceptedAt ? <Badge>accepted by {row.acceptedBy ?? "somebody"}</Badge> : null}
              <span className="text-muted-foreground text-xs">{row.why}</span>
            </span>
            {row.preview ? (
              <span className="block truncate font-mono text-[12.5px]">{row.preview}</span>
            ) : null}
          </td>
          <td className="relative z-10 max-md:col-span-full">
            {isOpenable(row) || (canAccept && row.hasBody) ? (
              <AcceptButton projectId={projectId} request={row} size="sm" />
            ) : (
              <span className="text-muted-foreground text-xs">
                {row.hasBody ? "" : "its body was not kept"}
              </span>
            )}
          </td>
        </ListRow>
      ))}
    </ListTable>
  );
}
