import cronstrue from "cronstrue";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflowCounts } from "@/lib/domain/workflow/counts";
import { getWorkflow, type WorkflowDetail } from "@/lib/domain/workflow/get";
import { withoutFilterData } from "@/lib/domain/workflow/load-graph";
import { stringifyExact } from "@/lib/exact-json";
import { Refusal } from "@/lib/refusal";
import type { TriggerNode } from "@/lib/workflow/types";
import { WorkflowClient } from "./client";
import { workflowParams } from "./search-params";

export const metadata: Metadata = { title: "Workflow" };

type Props = {
  params: Promise<{ project: string; workflowId: string }>;
  searchParams: Promise<SearchParams>;
};

export default async function WorkflowPage({ params, searchParams }: Props) {
  const { project, workflowId } = await params;
  const ctx = await pageProject(project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/workflows/${workflowId}`;
  const strange = strangeParams(given, workflowParams);
  if (strange.length > 0) return <StrangeAddress title="Workflow" {...{ path, given, strange }} />;
  const workflow = await getWorkflow(ctx, { id: workflowId }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [origin, { inboxId }, counts] = await Promise.all([
    siteOrigin(),
    getProject(ctx),
    getWorkflowCounts(ctx, { id: workflow.id, hours: 168 }),
  ]);
  const cronWords = Object.fromEntries(
    workflow.graph.triggers.flatMap(({ id, cronExpression }) =>
      cronExpression ? [[id, cronstrue.toString(cronExpression, { throwExceptionOnParseError: false })]] : [],
    ),
  );
  const filterTexts = Object.fromEntries(
    workflow.graph.triggers.map(({ id, inclusion, exclusion }) => [
      id,
      { inclusion: filterText(inclusion), exclusion: filterText(exclusion) },
    ]),
  );
  return (
    <WorkflowClient
      projectId={ctx.project.id}
      workflow={withoutFilters(workflow)}
      origin={origin}
      inboxUrl={`${origin}/i/${inboxId}`}
      cronWords={cronWords}
      filterTexts={filterTexts}
      ends={{
        hours: counts.hours.slice(-24),
        week: counts.runs,
        from: counts.from,
        since: counts.since,
        href: `/p/${ctx.project.id}/activity?workflow=${workflow.id}`,
      }}
      may={{
        run: may(ctx, "run.start"),
        write: may(ctx, "workflow.write"),
        pause: may(ctx, "workflow.pause"),
      }}
    />
  );
}

/** In exact decimals, which JavaScript's numbers in a page's data are not. */
const filterText = (filter: TriggerNode["inclusion"]) => (filter === null ? null : stringifyExact(filter, 2));

const withoutFilters = (workflow: WorkflowDetail): WorkflowDetail => ({
  ...workflow,
  graph: withoutFilterData(workflow.graph),
});
