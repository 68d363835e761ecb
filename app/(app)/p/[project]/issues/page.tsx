import { CircleCheckBig } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { withQuery } from "@/components/api";
import { IssueTable } from "@/components/issues/issue-table";
import { RefreshIssues } from "@/components/issues/refresh-issues";
import { issueMeanings } from "@/components/issues/words";
import { WorkflowChoice } from "@/components/issues/workflow-choice";
import { compact } from "@/components/query";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { pageProject } from "@/lib/auth/context";
import { listIssues, listIssuesInput } from "@/lib/domain/issue/list";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { Refusal } from "@/lib/refusal";
import { issueStates } from "@/lib/words";
import { issueListParams, loadIssueListParams } from "./search-params";

export const metadata: Metadata = { title: "Issues" };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

const takes = listIssuesInput.omit({ state: true, limit: true });

export default async function IssuesPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/issues`;
  const strange = strangeParams(given, issueListParams, takes);
  if (strange.length > 0) return <StrangeAddress title="Issues" {...{ path, given, strange }} />;
  const asked = await loadIssueListParams(given);
  const state = asked.state ?? "open";
  const filter = compact({ workflow: asked.workflow, cursor: asked.cursor });
  const [{ items, nextCursor }, workflow] = await Promise.all([
    listIssues(ctx, { ...filter, ...(state === "any" ? {} : { state }) }),
    asked.workflow ? getWorkflow(ctx, { id: asked.workflow }).catch(unlessGone) : undefined,
  ]);
  const of = asked.workflow ? { workflow: asked.workflow } : {};
  return (
    <>
      <PageHeader
        title="Issues"
        description="Failures of one cause each: people are told once, whatever is affected is rerun at once, and an issue resolves itself when all of that has succeeded."
      />
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <nav aria-label="State" className="flex flex-wrap gap-1">
          {[...issueStates, "any" as const].map((one) => (
            <Button key={one} asChild size="sm" variant={one === state ? "outline" : "ghost"}>
              <Link
                href={withQuery(path, { ...(one === "open" ? {} : { state: one }), ...of })}
                aria-current={one === state ? "page" : undefined}
                title={one === "any" ? undefined : issueMeanings[one]}
                className="capitalize"
              >
                {one}
              </Link>
            </Button>
          ))}
        </nav>
        <WorkflowChoice
          projectId={ctx.project.id}
          state={asked.state}
          workflowId={asked.workflow}
          workflow={workflow && { value: workflow.id, label: workflow.name }}
        />
      </div>
      <RefreshIssues projectId={ctx.project.id} />
      {items.length > 0 ? (
        <IssueTable projectId={ctx.project.id} issues={items} />
      ) : (
        <EmptyState
          icon={<CircleCheckBig />}
          title={state === "any" ? "No issue yet" : `No issue is ${state}`}
        >
          {state === "open"
            ? "Nothing fails that somebody does not know of. When a run fails, its issue appears here within a moment."
            : issueMeaningOf(state)}
        </EmptyState>
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-4">
          <Link
            href={withQuery(path, {
              ...(asked.state ? { state: asked.state } : {}),
              ...of,
              cursor: nextCursor,
            })}
          >
            Older issues
          </Link>
        </Button>
      ) : null}
    </>
  );
}

const issueMeaningOf = (state: keyof typeof issueMeanings | "any"): string =>
  state === "any"
    ? "When a run fails, its issue appears here within a moment."
    : `Of such an issue is said: ${issueMeanings[state].charAt(0).toLowerCase()}${issueMeanings[state].slice(1)}`;

/** A workflow that was deleted has issues, and no name to filter by. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof Refusal && error.code === "not_found")) throw error;
}
