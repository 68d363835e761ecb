import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { maskedErrorLine } from "@/lib/domain/mask/error-line";
import { strictMask } from "@/lib/domain/mask/mask";
import type { Content, ContentMaker, DueNotice } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";
import type { ToldStatus } from "@/lib/words";
import { runStatuses } from "@/lib/workflow/status";
import type { News } from "./course";

const about = z.object({ issueId: z.uuid(), news: z.enum(["new", "grown", "returned"]) });

type Told = {
  id: string;
  project: string;
  workflow: string | null;
  jobName: string | null;
  errorType: string;
  runState: ToldStatus;
  count: number;
  affected: number;
  runId: string;
  stepId: string | null;
  messageId: string | null;
  workOrderId: string | null;
  orderKey: string | null;
};

const mostCounted = 10_000;
/** Issues that one mail lists; it says how many more there are. */
const mostTogether = 20;

/** An issue that is to be told of still: whoever has acknowledged, ignored or resolved it meanwhile knows. */
async function openIssue(db: Db, projectId: string, issueId: string): Promise<Told | undefined> {
  const [found] = await rows<Told>(
    db,
    sql`select i.id, p.name as project, w.name as workflow, i.job_name as "jobName", i.error_type as "errorType",
          i.run_state as "runState", i.count, affected.count as affected, i.last_run_id as "runId", i.last_step_id as "stepId",
          r.message_id as "messageId", r.work_order_id as "workOrderId", r.order_key as "orderKey"
        from issues i join projects p on p.id = i.project_id
        left join workflows w on w.id = i.workflow_id and w.project_id = i.project_id and w.deleted_at is null
        left join runs r on r.id = i.last_run_id and r.project_id = i.project_id
        cross join lateral (
          select count(*)::int as count from (
            select 1 from issue_orders o where o.issue_id = i.id and o.project_id = i.project_id and o.healed_at is null limit ${mostCounted + 1}
          ) counted
        ) affected
        where i.id = ${issueId}::uuid and i.project_id = ${projectId} and i.state = 'open'`,
  );
  return found;
}

const times = (count: number): string => (count === 1 ? "once" : `${count.toLocaleString("en")} times`);

const what = (issue: Told): string => issue.jobName ?? issue.workflow ?? "A workflow";

function subjectOf(news: News, issue: Told): string {
  const failed = issue.runState === "failed" ? "failed" : `ended as ${issue.runState}`;
  const says: Record<News, string> = {
    new: `has ${failed}`,
    grown: `has ${failed} ${times(issue.count)} by now`,
    returned: `has ${failed} again`,
  };
  return `${issue.project}: ${what(issue)} ${says[news]}`;
}

const leads: Record<News, (issue: Told) => string> = {
  new: ({ count }) =>
    `It has failed ${times(count)} in this way. This is a new issue: you hear of it once, and again when it is ten times as large or returns.`,
  grown: ({ count }) =>
    `It has failed ${times(count)} in this way, ten times as often as when you were told last.`,
  returned: ({ count }) =>
    `It had been resolved or ignored, and is back. It has failed ${times(count)} in all.`,
};

const pageOf = (projectId: string, issueId: string) => `${publicUrl(env())}/p/${projectId}/issues/${issueId}`;

async function contentOf(db: Db, { projectId, data }: DueNotice): Promise<Content | null> {
  const { issueId, news } = about.parse(data);
  const issue = projectId === null ? undefined : await openIssue(db, projectId, issueId);
  if (!issue || projectId === null) return null;
  const { runId, stepId, messageId, workOrderId, affected } = issue;
  const mask = await strictMask(db, projectId);
  const veil = mask && (await mask.veil({ messageId, workOrderId }));
  const quote = await maskedErrorLine(db, projectId, stepId ? { stepId } : { runId });
  const key = veil ? veil.key(issue.orderKey) : issue.orderKey;
  const many =
    affected > mostCounted ? `more than ${mostCounted.toLocaleString("en")}` : affected.toLocaleString("en");
  const page = pageOf(projectId, issueId);
  const receipt = messageId ? `inbox/${messageId}` : `runs/${runId}`;
  return {
    subject: subjectOf(news, issue),
    lead: leads[news](issue),
    facts: [
      { label: "Project", value: issue.project },
      { label: "Workflow", value: issue.workflow ?? "deleted" },
      ...(issue.jobName ? [{ label: "Job", value: issue.jobName }] : []),
      { label: "Error", value: veil ? veil.text(issue.errorType) : issue.errorType },
      ...(messageId
        ? [{ label: "Message", value: key ?? messageId }]
        : [{ label: "Run", value: key ?? runId }]),
      { label: "Affected", value: affected === 1 ? "1 work order" : `${many} work orders` },
    ],
    ...(quote === "" ? {} : { quote }),
    todo: todoOf(issue),
    actions: [
      { label: "See the issue", url: page },
      ...(affected > 0
        ? [{ label: affected === 1 ? "Rerun it" : `Rerun the ${many} affected`, url: `${page}?rerun=true` }]
        : []),
      {
        label: messageId ? "Open the receipt" : "Open the run",
        url: `${publicUrl(env())}/p/${projectId}/${receipt}`,
      },
    ],
    stop: "at_once",
  };
}

const todoOf = ({ runState }: Told): string =>
  `${runStatuses[runState].remedy} What the issue affects is rerun at once, each on the input that it had. Acknowledge the issue to hear no more of it.`;

/** What came while a person was not to be disturbed: one mail of all that is open still. */
async function togetherOf(db: Db, notices: DueNotice[]): Promise<Content | null> {
  const told = new Map<string, Told>();
  for (const { projectId, data } of notices) {
    const { issueId } = about.parse(data);
    const issue = projectId === null ? undefined : await openIssue(db, projectId, issueId);
    if (issue) told.set(issueId, issue);
  }
  const [first, ...others] = told.values();
  const [notice] = notices;
  if (!first || !notice?.projectId) return null;
  const { projectId } = notice;
  if (others.length === 0)
    return contentOf(db, notices.find(({ data }) => about.parse(data).issueId === first.id) ?? notice);
  const count = told.size;
  const mask = await strictMask(db, projectId);
  const listed = [...told.values()].slice(0, mostTogether);
  const facts: Content["facts"] = [];
  for (const issue of listed) {
    const type = mask ? (await mask.veil(issue)).text(issue.errorType) : issue.errorType;
    facts.push({ label: what(issue), value: `${type}, ${times(issue.count)}` });
  }
  return {
    subject: `${first.project}: ${count} issues while you were quiet`,
    lead: `${count} issues began, grew or returned in your quiet hours, and are open still.${
      count > listed.length ? ` The first ${listed.length} of them:` : ""
    }`,
    facts,
    todo: "Look at each, mend its cause, and rerun what it affects.",
    actions: [
      { label: "See the issues", url: `${publicUrl(env())}/p/${projectId}/issues` },
      ...listed.slice(0, 5).map((issue) => ({ label: what(issue), url: pageOf(projectId, issue.id) })),
    ],
    stop: "at_once",
  };
}

/** What mails and channels say of an issue. */
export const issueContent: ContentMaker = { contentOf, togetherOf };
