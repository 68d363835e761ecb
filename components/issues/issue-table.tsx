import { type Column, ListRow, ListTable, RowLink } from "@/components/data-table/list-table";
import { RelativeTime } from "@/components/ui/relative-time";
import type { IssueRow } from "@/lib/domain/issue/types";
import { IssueChip } from "./issue-chip";
import { Trend } from "./trend";
import { affectedCount, affectedWords, failing } from "./words";

const columns: Column[] = [
  { name: "State", className: "w-34" },
  { name: "What fails" },
  { name: "Failures", className: "w-24 text-right" },
  { name: "Last 14 days", className: "w-32" },
  { name: "Affected", className: "w-28 text-right" },
  { name: "Last seen", className: "w-30" },
];

/** One row an issue. On a phone each row is a card. */
export const IssueTable = ({ projectId, issues }: { projectId: string; issues: readonly IssueRow[] }) => (
  <ListTable caption="Issues, the one that failed last first" columns={columns}>
    {issues.map((issue) => (
      <ListRow
        key={issue.id}
        isFresh={false}
        className="max-md:grid-cols-[1fr_auto] max-md:gap-x-2.5 max-md:gap-y-1.5"
      >
        <td className="max-md:order-1">
          <IssueChip state={issue.state} />
        </td>
        <td className="min-w-0 max-md:order-3 max-md:col-span-2">
          <p className="truncate">
            <RowLink href={`/p/${projectId}/issues/${issue.id}`}>
              {failing(issue)}
              <span className="font-normal text-muted-foreground">: {issue.errorType}</span>
            </RowLink>
          </p>
          <p className="truncate text-[13px]" title={issue.title}>
            {issue.title || "It said nothing."}
          </p>
          {issue.jobName && issue.workflowName && issue.workflowName !== issue.jobName ? (
            <p className="truncate text-muted-foreground text-xs">{issue.workflowName}</p>
          ) : null}
        </td>
        <td className="nums text-right max-md:order-5 max-md:text-xs">
          {issue.count.toLocaleString("en")}
          <span className="md:hidden"> failures{issue.affected > 0 ? `, ${affectedWords(issue)}` : ""}</span>
        </td>
        <td className="max-md:order-4">
          <Trend trend={issue.trend} />
        </td>
        <td className="nums text-right max-md:hidden">{affectedCount(issue)}</td>
        <td className="text-muted-foreground text-xs max-md:order-2 max-md:text-right">
          <RelativeTime value={issue.lastSeenAt} />
        </td>
      </ListRow>
    ))}
  </ListTable>
);
