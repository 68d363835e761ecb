import Link from "next/link";
import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";
import { ExplainedType } from "@/components/ui/explained";
import { AbsoluteTime, RelativeTime } from "@/components/ui/relative-time";
import type { IssueRow } from "@/lib/domain/issue/types";
import { Trend } from "./trend";
import { standingWords, trendWords } from "./words";

/** What is known of an issue: its cause, how often and since when, and how it stands. */
export function IssueFacts({ projectId, issue }: { projectId: string; issue: IssueRow }) {
  const facts: [label: string, value: ReactNode][] = [
    [
      "Workflow",
      issue.workflowName ? (
        <Link
          key="workflow"
          href={`/p/${projectId}/workflows/${issue.workflowId}`}
          className="text-accent hover:underline"
        >
          {issue.workflowName}
        </Link>
      ) : (
        "deleted"
      ),
    ],
    ["Job", issue.jobName ?? "none: its runs ended without one"],
    ["Error", <ExplainedType key="type" type={issue.errorType} />],
    ["Failures", issue.count.toLocaleString("en")],
    ["First seen", <AbsoluteTime key="first" value={issue.firstSeenAt} toMinute />],
    [
      "Last seen",
      <span key="last">
        <AbsoluteTime value={issue.lastSeenAt} toMinute /> (<RelativeTime value={issue.lastSeenAt} />)
      </span>,
    ],
    [
      issue.state.charAt(0).toUpperCase() + issue.state.slice(1),
      <span key="state">
        {standingWords(issue)}, <RelativeTime value={issue.changedAt} />
      </span>,
    ],
    ...(issue.returned > 0
      ? [["Returned", issue.returned === 1 ? "once" : `${issue.returned} times`] satisfies [string, string]]
      : []),
    [
      "Who was told",
      <Link key="told" href={`/p/${projectId}/notices`} className="text-accent hover:underline">
        The project's notices
      </Link>,
    ],
  ];
  return (
    <Card className="grid gap-4 p-4 lg:grid-cols-[1fr_20rem]">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 xl:grid-cols-4">
        {facts.map(([label, value]) => (
          <div key={label} className="grid min-w-0 content-start gap-0.5">
            <dt className="caption">{label}</dt>
            <dd className="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      <figure className="grid content-start gap-1.5">
        <Trend trend={issue.trend} className="h-14 w-full" />
        <figcaption aria-hidden className="text-muted-foreground text-xs">
          {trendWords(issue.trend)}
        </figcaption>
      </figure>
    </Card>
  );
}
