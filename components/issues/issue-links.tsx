import Link from "next/link";
import type { IssueMark } from "@/lib/domain/issue/types";
import { IssueChip } from "./issue-chip";

/** The issues that failures of a run or a message are part of, each leading there. */
export function IssueLinks({ projectId, issues }: { projectId: string; issues: readonly IssueMark[] }) {
  const each = [...new Map(issues.map((issue) => [issue.id, issue])).values()];
  if (each.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-x-4 gap-y-1.5 text-[13px]">
      {each.map(({ id, state, count, healedAt }) => (
        <li key={id} className="flex flex-wrap items-center gap-2">
          <IssueChip state={state} />
          <Link href={`/p/${projectId}/issues/${id}`} className="text-accent hover:underline">
            {count === 1 ? "An issue of its own" : `An issue with ${count.toLocaleString("en")} failures`}
          </Link>
          {healedAt ? <span className="text-muted-foreground">has succeeded here since</span> : null}
        </li>
      ))}
    </ul>
  );
}
