import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { pageProject } from "@/lib/auth/context";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { withoutFilterData } from "@/lib/domain/workflow/load-graph";
import { toDraft } from "@/lib/editor/graph";
import { Refusal } from "@/lib/refusal";
import { EditClient } from "./client";

export const metadata: Metadata = { title: "Edit a workflow" };

type Props = { params: Promise<{ project: string; workflowId: string }> };

/** Whoever may only look is led to the workflow's page. */
export default async function EditPage({ params }: Props) {
  const { project, workflowId } = await params;
  const ctx = await pageProject(project);
  if (!may(ctx, "workflow.write")) redirect(`/p/${ctx.project.id}/workflows/${workflowId}`);
  const workflow = await getWorkflow(ctx, { id: workflowId }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [origin, { inboxId }] = await Promise.all([siteOrigin(), getProject(ctx)]);
  const place = {
    projectId: ctx.project.id,
    workflowId,
    origin,
    inboxUrl: `${origin}/i/${inboxId}`,
    may: { write: true, run: may(ctx, "run.start") },
  };
  return <EditClient place={place} graph={toDraft(withoutFilterData(workflow.graph))} />;
}
