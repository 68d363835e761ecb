import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { editParams } from "@/components/editor/params";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { actorUserId } from "@/lib/domain/context";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { toDraft } from "@/lib/editor/graph";
import { stringifyExact } from "@/lib/exact-json";
import { Refusal } from "@/lib/refusal";
import { EditClient } from "./client";

export const metadata: Metadata = { title: "Edit a workflow" };

type Props = {
  params: Promise<{ project: string; workflowId: string }>;
  searchParams: Promise<SearchParams>;
};

/** Whoever may only look is led to the workflow's page. */
export default async function EditPage({ params, searchParams }: Props) {
  const { project, workflowId } = await params;
  const ctx = await pageProject(project);
  const path = `/p/${ctx.project.id}/workflows/${workflowId}`;
  const userId = actorUserId(ctx.actor);
  if (!may(ctx, "workflow.write") || userId === null) redirect(path);
  const given = await searchParams;
  const strange = strangeParams(given, editParams);
  if (strange.length > 0)
    return <StrangeAddress title="Edit a workflow" path={`${path}/edit`} {...{ given, strange }} />;
  const workflow = await getWorkflow(ctx, { id: workflowId }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [origin, { inboxId }] = await Promise.all([siteOrigin(), getProject(ctx)]);
  const place = {
    projectId: ctx.project.id,
    workflowId,
    userId,
    origin,
    inboxUrl: `${origin}/i/${inboxId}`,
    may: { write: true, run: may(ctx, "run.start") },
  };
  return (
    <EditClient
      place={place}
      version={workflow.lockVersion}
      graphText={stringifyExact(toDraft(workflow.graph))}
      selectedId={typeof given.node === "string" ? given.node : null}
    />
  );
}
