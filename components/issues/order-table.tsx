import Link from "next/link";
import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { shortId } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusChip } from "@/components/ui/status-chip";
import type { IssueOrder } from "@/lib/domain/issue/types";

const columns: Column[] = [
  { name: "State", className: "w-30" },
  { name: "Message" },
  { name: "Error", className: "w-[38%]" },
  { name: "Failed", className: "w-36" },
  { name: "Run", className: "w-24" },
];

/** One row a work order that an issue affects, or affected. On a phone each row is a card. */
export const OrderTable = ({ projectId, orders }: { projectId: string; orders: readonly IssueOrder[] }) => (
  <ListTable caption="What the issue affects, newest first" columns={columns}>
    {orders.map((order) => (
      <ListRow
        key={order.workOrderId}
        isFresh={false}
        className="max-md:grid-cols-[1fr_auto] max-md:gap-x-2.5 max-md:gap-y-1"
      >
        <td>
          <StatusChip status={order.state} />
        </td>
        <td className="min-w-0 truncate max-md:order-3 max-md:col-span-2">
          <RowLink href={placeOf(projectId, order)} className="font-mono font-normal text-[12.5px]">
            {order.preview || shortId(order.messageId ?? order.runId)}
            <span className="sr-only">: open its {order.messageId ? "receipt" : "run"}</span>
          </RowLink>
        </td>
        <td className="min-w-0 truncate text-[13px] max-md:order-4 max-md:col-span-2" title={order.error}>
          {order.error || <span className="text-muted-foreground">no longer kept</span>}
        </td>
        <td className="text-muted-foreground text-xs max-md:order-2 max-md:text-right">
          <RelativeTime value={order.failedAt} />
          {order.times > 1 ? `, ${order.times} times` : ""}
        </td>
        <td className="max-md:hidden">
          <Link
            href={runOf(projectId, order)}
            prefetch={false}
            className="nums relative z-10 font-mono text-accent text-xs hover:underline"
          >
            <span className="sr-only">Run </span>
            {shortId(order.runId)}
          </Link>
        </td>
      </ListRow>
    ))}
  </ListTable>
);

const runOf = (projectId: string, { runId, stepId }: IssueOrder): string =>
  `/p/${projectId}/runs/${runId}${stepId ? `?step=${stepId}` : ""}`;

const placeOf = (projectId: string, order: IssueOrder): string =>
  order.messageId ? `/p/${projectId}/inbox/${order.messageId}` : runOf(projectId, order);
