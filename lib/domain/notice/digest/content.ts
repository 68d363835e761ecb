import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projects, workflows } from "@/db/schema";
import type { Content, ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";
import { type FinalRunState, finalRunStates } from "@/lib/words";
import { type DigestData, digestData } from "./data";
import type { Counted } from "./numbers";
import { compared, counted, duration, periodName, plural } from "./words";

/** What a digest says: numbers alone, so that nothing in it is to be masked. */
export const digestContent: ContentMaker = {
  async contentOf(db, notice) {
    const data = digestData.parse(notice.data);
    const { projectId } = notice;
    if (!projectId) return null;
    const [project] = await db
      .select({ name: projects.name })
      .from(projects)
      .where(eq(projects.id, projectId));
    if (!project) return null;
    return contentOf(data, {
      project: project.name,
      slowest: await workflowName(db, projectId, data.slowest?.workflowId),
      isPersons: notice.userId !== null,
      address: `${publicUrl(env())}/p/${projectId}`,
    });
  },
};

async function workflowName(db: Db, projectId: string, id: string | undefined): Promise<string | null> {
  if (!id) return null;
  const [workflow] = await db
    .select({ name: workflows.name })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, projectId)));
  return workflow?.name ?? null;
}

type Around = { project: string; slowest: string | null; isPersons: boolean; address: string };

/** The text of a digest from its numbers. Pure. */
export function contentOf(data: DigestData, { project, slowest, isPersons, address }: Around): Content {
  const { digest, numbers, before, issues } = data;
  const name = periodName(data);
  const open = issues.open.count;
  return {
    subject: `${project} ${preposition[digest]} ${name}: ${headline(data)}`,
    lead: [
      `What happened in ${project} ${preposition[digest]} ${name} (${data.timeZone})${data.isOfSome ? ", in the workflows that were chosen" : ""}.`,
      ...(before ? [] : ["The time before is not kept any more, so nothing is compared with it."]),
    ].join(" "),
    facts: [
      ...(numbers.messages
        ? [{ label: "Messages", value: compared(numbers.messages, before?.messages, digest) }]
        : []),
      { label: "Runs", value: compared(numbers.runs, before?.runs, digest) },
      ...stateFacts(data),
      { label: "Issues that are open", value: counted(issues.open) },
      { label: "New issues", value: newIssues(data) },
      ...(issues.returned > 0 ? [{ label: "Returned", value: plural(issues.returned, "issue") }] : []),
      ...(issues.resolved > 0 ? [{ label: "Resolved", value: plural(issues.resolved, "issue") }] : []),
      ...(slowest && data.slowest
        ? [
            {
              label: "Slowest workflow",
              value: `${slowest}: half of its runs took more than ${duration(data.slowest.medianMs)}`,
            },
          ]
        : []),
    ],
    ...(open > 0
      ? {
          todo: `${open === 1 ? "An issue is" : `${counted(issues.open)} issues are`} open: see what failed, and rerun what is affected.`,
        }
      : {}),
    actions: [
      ...(open > 0 ? [{ label: "See the open issues", url: `${address}/issues?state=open` }] : []),
      { label: "See what ran", url: `${address}/activity?from=${data.from}&to=${data.to}` },
    ],
    stop: isPersons ? "digest" : null,
  };
}

const preposition = { daily: "on", weekly: "in the week of", monthly: "in" } as const;

/** Ends that are neither success nor somebody's wish. */
const failures = ["failed", "crashed", "killed", "exception", "lost"] as const;

function headline({ numbers, issues }: DigestData): string {
  if (numbers.runs.count === 0)
    return issues.open.count > 0 ? `no runs, ${issueCount(issues.open)} open` : "no runs";
  const of = failures.map((state) => numbers.states[state]).filter((one) => one !== undefined);
  const failed = {
    count: of.reduce((sum, { count }) => sum + count, 0),
    isMore: of.some(({ isMore }) => isMore),
  };
  const runs = numbers.runs.isMore ? `${counted(numbers.runs)} runs` : plural(numbers.runs.count, "run");
  return failed.count === 0 ? `${runs}, none failed` : `${counted(failed)} of ${runs} failed`;
}

const issueCount = (open: Counted): string =>
  open.isMore ? `${counted(open)} issues` : plural(open.count, "issue");

const labels: Record<FinalRunState, string> = {
  success: "Succeeded",
  failed: "Failed",
  crashed: "Crashed",
  killed: "Killed",
  exception: "Exception",
  lost: "Lost",
  cancelled: "Cancelled",
  rejected: "Rejected",
};

/** Of what there was any now or before; how many succeeded is always said where it is known. */
const stateFacts = ({ digest, numbers, before }: DigestData): Content["facts"] =>
  finalRunStates.flatMap((state) => {
    const now = numbers.states[state];
    const then = before?.states[state];
    const isAny = (now?.count ?? 0) + (then?.count ?? 0) > 0 || state === "success";
    if (!isAny || (state === "success" && !now)) return [];
    // What is not among the counted states was none.
    const none = { count: 0, isMore: false };
    const value = compared(now ?? none, before ? (then ?? none) : null, digest);
    return [{ label: labels[state], value }];
  });

function newIssues({ digest, issues, before }: DigestData): string {
  const of = (count: number) => ({ count, isMore: false });
  return compared(of(issues.begun), before ? of(issues.begunBefore) : null, digest);
}
