import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { z } from "zod";
import { withQuery } from "@/components/api";
import { IssueActions } from "@/components/issues/issue-actions";
import { IssueChip } from "@/components/issues/issue-chip";
import { IssueFacts } from "@/components/issues/issue-facts";
import { OrderTable } from "@/components/issues/order-table";
import { RefreshIssues } from "@/components/issues/refresh-issues";
import { RepairIssue } from "@/components/issues/repair-issue";
import { affectedWords, failing } from "@/components/issues/words";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { getIssue, listIssueOrders, listIssueOrdersInput } from "@/lib/domain/issue/get";
import type { IssueOrder, IssueRow } from "@/lib/domain/issue/types";
import { may } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/refusal";
import { issueParams, loadIssueParams } from "./search-params";

export const metadata: Metadata = { title: "Issue" };

type Props = { params: Promise<{ project: string; issueId: string }>; searchParams: Promise<SearchParams> };

const takes = listIssueOrdersInput.pick({ cursor: true });

export default async function IssuePage({ params, searchParams }: Props) {
  const { project, issueId } = await params;
  const ctx = await pageProject(project);
  if (!z.uuid().safeParse(issueId).success) notFound();
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/issues/${issueId}`;
  const strange = strangeParams(given, issueParams, takes);
  if (strange.length > 0) return <StrangeAddress title="Issue" {...{ path, given, strange }} />;
  const { all, cursor, rerun } = await loadIssueParams(given);
  const [issue, orders] = await Promise.all([
    getIssue(ctx, issueId),
    listIssueOrders(ctx, { id: issueId, all: all ? "true" : "false", ...compact({ cursor }) }),
  ]).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const projectId = ctx.project.id;
  const failure = newestFailure(issue, orders.items);
  return (
    <>
      <RefreshIssues projectId={projectId} id={issue.id} />
      <PageHeader
        parent={<Link href={`/p/${projectId}/issues`}>Issues</Link>}
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5 whitespace-normal">
            <span className="min-w-0 [overflow-wrap:anywhere]">{failing(issue)}</span>
            <IssueChip state={issue.state} className="text-sm tracking-normal" />
          </span>
        }
        actions={
          <>
            {may(ctx, "workflow.write") ? (
              <RepairIssue {...{ projectId }} step={failure} mayRerun={may(ctx, "run.rerun")} />
            ) : null}
            <IssueActions
              {...{ projectId, issue }}
              isRerunAsked={rerun === true}
              may={{ update: may(ctx, "issue.update"), rerun: may(ctx, "run.rerun") }}
            />
          </>
        }
      />
      <div className="grid gap-4">
        <p
          data-status={issue.runState}
          className="rounded-md border border-(--status-line) bg-(--status-soft) px-3.5 py-2.5 [overflow-wrap:anywhere]"
        >
          <span className="mr-2 font-semibold text-(--status)">{issue.errorType}</span>
          {issue.title || "It said nothing."}
        </p>
        <IssueFacts {...{ projectId, issue }} />
        <section aria-labelledby="affected" className="min-w-0">
          <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
            <h2 id="affected" className="font-semibold text-[15px]">
              {all ? "All that it affected" : capital(affectedWords(issue))}
            </h2>
            <Button asChild size="sm" variant="ghost">
              <Link href={all ? path : `${path}?all=true`}>
                {all ? "Only what is affected still" : "Also what has succeeded since"}
              </Link>
            </Button>
          </div>
          {orders.items.length > 0 ? (
            <OrderTable projectId={projectId} orders={orders.items} />
          ) : (
            <p className="rounded-lg border bg-card px-4 py-6 text-center text-muted-foreground">
              {nothingWords(issue, all === true)}
            </p>
          )}
          {orders.nextCursor ? (
            <Button asChild variant="outline" className="mt-4">
              <Link href={withQuery(path, { ...(all ? { all: "true" } : {}), cursor: orders.nextCursor })}>
                Older
              </Link>
            </Button>
          ) : null}
        </section>
      </div>
    </>
  );
}

/** The step to repair: of the newest failure that is listed here; null for runs that ended without a job. */
function newestFailure({ jobName }: IssueRow, orders: readonly IssueOrder[]) {
  const newest = orders.find(({ stepId }) => stepId !== null);
  return newest?.stepId && jobName !== null ? { id: newest.stepId, runId: newest.runId, jobName } : null;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const nothingWords = ({ affected }: IssueRow, isAll: boolean): string => {
  if (isAll) return "Nothing of what it affected is kept any more.";
  return affected === 0
    ? "Nothing is affected any more: all of it has succeeded since, or is no longer kept."
    : "No older ones.";
};
