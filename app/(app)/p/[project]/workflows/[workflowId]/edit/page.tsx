import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { siteOrigin } from "@/app/(app)/p/[project]/origin";
import { editParams } from "@/components/editor/params";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { pageProject } from "@/lib/auth/context";
import { actorUserId } from "@/lib/domain/context";
import { getDraft } from "@/lib/domain/draft/get";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { getWorkflow } from "@/lib/domain/workflow/get";
import { toDraft } from "@/lib/editor/graph";
import { stringifyExact } from "@/lib/exact-json";
import { Refusal } from "@/lib/refusal";
import { EditClient, type Opened } from "./client";

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
  const [workflow, { draft }, origin, { inboxId }] = await Promise.all([
    getWorkflow(ctx, { id: workflowId }),
    getDraft(ctx, { workflowId }),
    siteOrigin(),
    getProject(ctx),
  ]).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const place = {
    projectId: ctx.project.id,
    workflowId,
    userId,
    origin,
    inboxUrl: `${origin}/i/${inboxId}`,
    may: { write: true, run: may(ctx, "run.start"), senders: may(ctx, "auth_method.manage") },
  };
  const saved = { version: workflow.lockVersion, graph: toDraft(workflow.graph) };
  const opened: Opened = draft
    ? {
        base: { version: draft.baseVersion, graph: draft.base },
        draft: { graph: draft.graph, revision: draft.revision, note: draft.note },
      }
    : { base: saved, draft: null };
  return (
    <EditClient
      place={place}
      openedText={stringifyExact(opened)}
      selectedId={typeof given.node === "string" ? given.node : null}
    />
  );
}
