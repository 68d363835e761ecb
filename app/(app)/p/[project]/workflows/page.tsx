import { Pause, Waypoints } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { parseAsString, type SearchParams } from "nuqs/server";
import { PauseButton } from "@/components/pause/pause-button";
import { StrangeAddress } from "@/components/strange-address";
import { strangeParams } from "@/components/strange-params";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { formatCount } from "@/components/ui/format";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { LacksAdaptor, StatusChip, stepStatus } from "@/components/ui/status-chip";
import { DeletedWorkflows } from "@/components/workflows/deleted-workflows";
import { triggerName } from "@/components/workflows/edge-words";
import { RecentBar } from "@/components/workflows/recent-bar";
import { TriggerIcon } from "@/components/workflows/trigger-icon";
import { pageProject } from "@/lib/auth/context";
import { getDrift } from "@/lib/domain/drift/get";
import { may } from "@/lib/domain/permissions";
import { getProject } from "@/lib/domain/project/get";
import { listDeletedWorkflows } from "@/lib/domain/workflow/deleted";
import { listWorkflows, type WorkflowRow } from "@/lib/domain/workflow/list";

export const metadata: Metadata = { title: "Workflows" };

const pageParams = { cursor: parseAsString };

type Props = { params: Promise<{ project: string }>; searchParams: Promise<SearchParams> };

export default async function WorkflowsPage({ params, searchParams }: Props) {
  const ctx = await pageProject((await params).project);
  const given = await searchParams;
  const path = `/p/${ctx.project.id}/workflows`;
  const strange = strangeParams(given, pageParams);
  if (strange.length > 0) return <StrangeAddress title="Workflows" {...{ path, given, strange }} />;
  const cursor = pageParams.cursor.parseServerSide(given.cursor);
  const after = cursor ? { cursor } : {};
  const [{ items, nextCursor }, deleted, drift] = await Promise.all([
    listWorkflows(ctx, { limit: 100, ...after }),
    listDeletedWorkflows(ctx, { limit: 50 }),
    getDrift(ctx),
  ]);
  return (
    <>
      <PageHeader
        title="Workflows"
        actions={
          may(ctx, "project.pause") && items.length > 0 && !(await getProject(ctx)).pausedAt ? (
            <PauseButton projectId={ctx.project.id} name={ctx.project.name} isPaused={false} />
          ) : null
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
        <EmptyState
          icon={<Waypoints />}
          title="No workflow yet"
          action={
            <Button asChild>
              {may(ctx, "project.provision") ? (
                <Link href={`/p/${ctx.project.id}/code/import`}>Import files</Link>
              ) : (
                <Link href="/projects/new">New project</Link>
              )}
            </Button>
          }
        >
          A workflow says which jobs handle a message, and in which order. Import a project.yaml or a
          repository's folder, or start another project from the sample.
        </EmptyState>
      ) : (
        <ul className="grid gap-3">
          {items.map((workflow) => (
            <Card key={workflow.id} projectId={ctx.project.id} workflow={workflow} />
          ))}
        </ul>
      )}
      {nextCursor ? (
        <Button asChild variant="outline" className="mt-4">
          <Link href={`/p/${ctx.project.id}/workflows?cursor=${nextCursor}`}>More workflows</Link>
        </Button>
      ) : null}
      <DeletedWorkflows projectId={ctx.project.id} workflows={deleted.items} />
    </>
  );
}

function Card({ projectId, workflow }: { projectId: string; workflow: WorkflowRow }) {
  const { id, name, triggers, jobs, recent } = workflow;
  return (
    <li className="relative grid gap-x-6 gap-y-3 rounded-lg border bg-card px-4 py-3 hover:border-input md:grid-cols-[minmax(0,1.2fr)_minmax(0,2fr)_minmax(0,1fr)] md:items-center">
      <div className="min-w-0">
        <h2 className="truncate font-semibold text-[15px]">
          <Link
            href={`/p/${projectId}/workflows/${id}`}
            className="after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-ring"
          >
            {name}
          </Link>
        </h2>
        <ul className="mt-1 flex flex-wrap gap-1">
          {workflow.pausedAt ? (
            <li>
              <Badge>
                <Pause aria-hidden className="size-3" /> paused
              </Badge>
            </li>
          ) : null}
          {triggers.map((trigger) => (
            <li key={trigger.id}>
              <Badge>
                <TriggerIcon type={trigger.type} />
                {triggerName(trigger.type)}
                {trigger.cronExpression ? ` ${trigger.cronExpression}` : ""}
                {trigger.timeZone ? ` (${trigger.timeZone})` : ""}
                {trigger.enabled ? (trigger.leads ? "" : ", leads nowhere") : ", off"}
              </Badge>
            </li>
          ))}
        </ul>
      </div>
      <ul className="flex flex-wrap gap-1" aria-label={`Jobs of ${name} and how they last went`}>
        {jobs.map((job) => (
          <li key={job.id} className="max-w-full">
            {job.lacksAdaptor ? (
              <LacksAdaptor name={job.name} />
            ) : job.last ? (
              <StatusChip name={job.name} status={stepStatus(job.last)} />
            ) : (
              <StatusChip name={job.name} status="pending" word="never ran" />
            )}
          </li>
        ))}
      </ul>
      <div>
        <RecentBar recent={recent} />
        {recent.lastActivity ? (
          <p className="text-muted-foreground text-xs">
            last <RelativeTime value={recent.lastActivity} />
          </p>
        ) : null}
      </div>
    </li>
  );
}
