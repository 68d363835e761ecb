import type { Metadata } from "next";
import Link from "next/link";
import { parseAsString, type SearchParams } from "nuqs/server";
import { PauseButton } from "@/components/pause/pause-button";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Button } from "@/components/ui/button";
import { formatCount } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page-header";
import { ArchivedWorkflows } from "@/components/workflows/archived-workflows";
import { DeletedWorkflows } from "@/components/workflows/deleted-workflows";
import { NewWorkflow } from "@/components/workflows/new/new-workflow";
import { newWorkflowParam } from "@/components/workflows/new/search-params";
import { TemplateCards } from "@/components/workflows/new/template-cards";
import { pageProject } from "@/lib/auth/context";
import { getDrift } from "@/lib/domain/drift/get";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { listDeletedWorkflows } from "@/lib/domain/workflow/deleted";
import { listWorkflows } from "@/lib/domain/workflow/list";
import { shippedSpecifiers } from "@/lib/shipped";
import { WorkflowCard } from "./workflow-card";

export const metadata: Metadata = { title: "Workflows" };

const pageParams = { cursor: parseAsString, archived: parseAsString, new: newWorkflowParam };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function WorkflowsPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/workflows`;
  const strange = strangeParams(given, pageParams);
  if (strange.length > 0) return <StrangeAddress title="Workflows" {...{ path, given, strange }} />;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const archivedAfter = pageParams.archived.parseServerSide(given.archived);
  const [{ items, nextCursor }, archived, deleted, drift] = await Promise.all([
    listWorkflows(ctx, { archived: "false", limit: 100, ...(cursor ? { cursor } : {}) }),
    listWorkflows(ctx, { archived: "true", limit: 50, ...(archivedAfter ? { cursor: archivedAfter } : {}) }),
    listDeletedWorkflows(ctx, { limit: 50 }),
    getDrift(ctx),
  ]);
  const mayWrite = may(ctx, "workflow.write");
  return (
    <>
      <PageHeader
        title="Workflows"
        actions={
          <>
            {may(ctx, "project.pause") && items.length > 0 && !(await getProject(ctx)).pausedAt ? (
              <PauseButton projectId={ctx.project.id} name={ctx.project.name} isPaused={false} />
            ) : null}
            {mayWrite ? <NewWorkflow projectId={ctx.project.id} adaptors={shippedSpecifiers} /> : null}
          </>
        }
      />
      {drift.workflows.length > 0 ? (
        <p className="mb-4 text-muted-foreground">
          {formatCount(drift.workflows.length, "workflow")} changed here since the last deploy:{" "}
          <Link href={`/p/${ctx.project.id}/code`} className="text-accent underline underline-offset-3">
            see which
          </Link>
          .
        </p>
      ) : null}
      {items.length === 0 && !cursor ? (
        <FirstWorkflow
          projectId={ctx.project.id}
          mayWrite={mayWrite}
          mayImport={may(ctx, "project.provision")}
        />
      ) : (
        <ul className="grid gap-3">
          {items.map((workflow) => (
            <WorkflowCard key={workflow.id} projectId={ctx.project.id} {...{ workflow, mayWrite }} />
          ))}
        </ul>
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-4">
          <Link href={`/p/${ctx.project.id}/workflows?cursor=${nextCursor}`}>More workflows</Link>
        </Button>
      ) : null}
      <ArchivedWorkflows
        projectId={ctx.project.id}
        workflows={archived.items}
        nextCursor={archived.nextCursor}
        isOpen={archivedAfter !== null}
        mayWrite={mayWrite}
      />
      <DeletedWorkflows projectId={ctx.project.id} workflows={deleted.items} />
    </>
  );
}

type FirstProps = { projectId: string; mayWrite: boolean; mayImport: boolean };

/** Where there is no workflow yet: how the first one is made. */
function FirstWorkflow({ projectId, mayWrite, mayImport }: FirstProps) {
  return (
    <section aria-labelledby="first" className="grid gap-4">
      <div className="grid max-w-prose gap-1">
        <h2 id="first" className="font-semibold text-base">
          No workflow yet
        </h2>
        <p className="text-muted-foreground leading-relaxed">
          A workflow says which jobs handle a message, and in which order.{" "}
          {mayWrite ? "Begin with one that teaches, or with an empty one" : "Editors make the first one"}
          {mayImport ? (
            <>
              , or{" "}
              <Link href={`/p/${projectId}/code/import`} className="text-accent underline underline-offset-3">
                import files
              </Link>{" "}
              of a project that you have
            </>
          ) : null}
          .
        </p>
      </div>
      {mayWrite ? <TemplateCards projectId={projectId} /> : null}
    </section>
  );
}
