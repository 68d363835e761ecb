import type { NoticeRule } from "@/lib/domain/notice/rules/types";
import { type DigestWord, type ToldStatus, toldStatuses } from "@/lib/words";

/** Names of workflows by id. */
export type WorkflowNames = { id: string; name: string }[];

export const digestLabels: Record<DigestWord, string> = {
  never: "Never",
  daily: "Every day",
  weekly: "On Mondays",
  monthly: "On the first of a month",
};

export const statusLabels: Record<ToldStatus, string> = {
  failed: "Failed",
  crashed: "Crashed",
  killed: "Killed",
  exception: "Exception",
  lost: "Lost",
};

/** What a rule comes to, in a sentence. Workflows that are gone are not counted. */
export function ruleSummary(rule: NoticeRule, workflows?: WorkflowNames): string {
  const parts = [
    ...(rule.atOnce ? [`at once${ends(rule)}`] : []),
    ...(rule.digest === "never"
      ? []
      : [`a summary ${digestLabels[rule.digest].toLowerCase().replace("mondays", "Mondays")}`]),
  ];
  if (parts.length === 0) return "Hears nothing.";
  return `Hears ${parts.join(", and ")}${of(rule, workflows)}.`;
}

const ends = ({ statuses }: NoticeRule): string =>
  statuses && statuses.length < toldStatuses.length
    ? ` (${statuses.map((status) => statusLabels[status].toLowerCase()).join(", ")})`
    : "";

function of({ workflowIds }: NoticeRule, workflows?: WorkflowNames): string {
  if (!workflowIds) return "";
  const count = workflows
    ? workflows.filter(({ id }) => workflowIds.includes(id)).length
    : workflowIds.length;
  return `, of ${count === 1 ? "one workflow" : `${count} workflows`}`;
}

/** When the next digest is due and what became of the last one; null when there is none to come. */
export function digestState({ nextDigestAt, lastDigest, timeZone }: NoticeRule): string | null {
  if (!nextDigestAt) return null;
  // Apart: what stands between a day and a time differs from one browser to the next.
  const text = (moment: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone, ...options }).format(new Date(moment));
  const at = (moment: string) =>
    `${text(moment, { day: "numeric", month: "long" })} at ${text(moment, { hour: "2-digit", minute: "2-digit" })}`;
  const next = `The next summary comes on ${at(nextDigestAt)} (${timeZone}).`;
  if (!lastDigest) return next;
  const day = at(lastDigest.at);
  return lastDigest.said
    ? `${next} The last one came on ${day}.`
    : `${next} None came on ${day}: nothing had happened, and nothing was open.`;
}
