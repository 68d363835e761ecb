import cronstrue from "cronstrue";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { pageProject } from "@/lib/auth/context";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { Refusal } from "@/lib/refusal";
import { WorkflowClient } from "./client";

export const metadata: Metadata = { title: "Workflow" };

type Props = { params: Promise<{ project: string; workflowId: string }> };

export default async function WorkflowPage({ params }: Props) {
  const { project, workflowId } = await params;
  const ctx = await pageProject(project);
  const workflow = await getWorkflow(ctx, { id: workflowId }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [origin, { inboxId }] = await Promise.all([siteOrigin(), getProject(ctx)]);
  const cronWords = Object.fromEntries(
    workflow.graph.triggers.flatMap(({ id, cronExpression }) =>
      cronExpression
        ? [[id, `${cronstrue.toString(cronExpression, { throwExceptionOnParseError: false })} (UTC)`]]
        : [],
    ),
  );
  return (
    <WorkflowClient
      projectId={ctx.project.id}
      workflow={workflow}
      origin={origin}
      inboxUrl={`${origin}/i/${inboxId}`}
      cronWords={cronWords}
    />
  );
}
