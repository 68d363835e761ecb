import { formatDay } from "@/components/ui/format";
import type { IssueRow } from "@/lib/domain/issue/types";
import type { IssueState, RunState } from "@/lib/words";

/** The colour of each state: that of the run state that it is most like. */
export const issueColours = {
  open: "failed",
  acknowledged: "pending",
  resolved: "success",
  ignored: "cancelled",
} as const satisfies Record<IssueState, RunState>;

export const issueMeanings: Record<IssueState, string> = {
  open: "It fails, and nobody has said that they are at it.",
  acknowledged: "Somebody is at it. Nobody is told of it meanwhile.",
  resolved: "It is over. The next failure opens it again, and people are told.",
  ignored: "Nobody is told of it.",
};

/** Who said how an issue stands, and until when: "new", "by itself", "ada@example.org, until 3 Dec 2026". */
export function standingWords(
  issue: Pick<IssueRow, "changedBy" | "ignoredUntil" | "ignoredUntilCount" | "returned" | "state">,
): string {
  const { changedBy, ignoredUntil, ignoredUntilCount, returned, state } = issue;
  const parts = [
    changedBy ?? (state !== "open" ? "by itself" : returned > 0 ? "returned" : "new"),
    ...(ignoredUntil ? [`until ${formatDay(ignoredUntil)}`] : []),
    ...(ignoredUntilCount ? [`until ${ignoredUntilCount.toLocaleString("en")} failures`] : []),
  ];
  return parts.join(", ");
}

/** What fails: its job, or where there is none its workflow. */
export const failing = ({ jobName, workflowName }: Pick<IssueRow, "jobName" | "workflowName">): string =>
  jobName ?? workflowName ?? "A workflow that was deleted";

/** "9 affected"; "more than 100 affected"; "nothing affected". */
export const affectedWords = (affected: Affected): string =>
  `${affected.affected === 0 ? "nothing" : affectedCount(affected)} affected`;

/** "9"; "more than 100"; "none". */
export function affectedCount({ affected, isMoreAffected }: Affected): string {
  if (affected === 0) return "none";
  return `${isMoreAffected ? "more than " : ""}${affected.toLocaleString("en")}`;
}

type Affected = Pick<IssueRow, "affected" | "isMoreAffected">;

/** What a trend comes to, for those who do not see its bars. */
export function trendWords(trend: readonly number[]): string {
  const total = trend.reduce((sum, count) => sum + count, 0);
  const today = trend.at(-1) ?? 0;
  return `${total.toLocaleString("en")} in ${trend.length} days, ${today.toLocaleString("en")} of them today`;
}
