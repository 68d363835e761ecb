"use client";
import { History, PencilLine } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useQueryState } from "nuqs";
import { concerns, useLive } from "@/components/live/use-live";
import { RunDialog } from "@/components/manual-run/run-dialog";
import { PauseButton } from "@/components/pause/pause-button";
import { PausedNotice } from "@/components/pause/paused-notice";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { actedOn } from "@/components/workflows/acts/acted-on";
import { WorkflowMenu } from "@/components/workflows/acts/workflow-menu";
import { HourlyEnds, type HourlyEndsProps } from "@/components/workflows/hourly-ends";
import { type FilterTexts, NodePanel } from "@/components/workflows/node-panel";
import { Outline } from "@/components/workflows/outline";
import { RecentBar } from "@/components/workflows/recent-bar";
import { WorkflowNotices } from "@/components/workflows/workflow-notices";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import { workflowParams } from "./search-params";

const Canvas = dynamic(() => import("@/components/workflows/canvas").then((module) => module.Canvas), {
  ssr: false,
  loading: () => <Skeleton className="m-4 h-40" />,
});

export type WorkflowClientProps = {
  projectId: string;
  workflow: WorkflowDetail;
  origin: string;
  inboxUrl: string;
  cronWords: Record<string, string>;
  /** Message filters as JSON text, by their trigger. */
  filterTexts: Record<string, FilterTexts>;
  /** How its runs ended lately. */
  ends: HourlyEndsProps;
  may: { run: boolean; write: boolean; pause: boolean };
};

export function WorkflowClient({
  projectId,
  workflow,
  origin,
  inboxUrl,
  cronWords,
  filterTexts,
  ends,
  may,
}: WorkflowClientProps) {
  const router = useRouter();
  const [chosen, setChosen] = useQueryState("node", workflowParams.node);
  const { graph } = workflow;
  const nodes = [...graph.triggers, ...graph.jobs];
  const selectedId =
    nodes.find((node) => node.id === chosen)?.id ?? graph.jobs[0]?.id ?? graph.triggers[0]?.id ?? null;
  const select = (id: string) => void setChosen(id);
  useLive(projectId, {
    gatherMs: 2_500,
    onHint: (hints) => {
      if (concerns(hints, "runs") || concerns(hints, "workflows")) router.refresh();
    },
  });
  return (
    <>
      <PageHeader
        title={workflow.name}
        parent={<Link href={`/p/${projectId}/workflows`}>Workflows</Link>}
        actions={
          <>
            <Button asChild variant="outline" className="nums">
              <Link href={`/p/${projectId}/workflows/${workflow.id}/versions`}>
                <History aria-hidden /> Version {workflow.lockVersion}
              </Link>
            </Button>
            <Button asChild variant="outline">
              <Link href={`/p/${projectId}/activity?workflow=${workflow.id}`}>Runs of this workflow</Link>
            </Button>
            {may.pause && !workflow.pausedAt ? (
              <PauseButton
                projectId={projectId}
                workflowId={workflow.id}
                name={workflow.name}
                isPaused={false}
              />
            ) : null}
            {may.run ? <RunDialog projectId={projectId} workflow={workflow} /> : null}
            {may.write ? (
              <>
                <Button asChild>
                  <Link href={`/p/${projectId}/workflows/${workflow.id}/edit`}>
                    <PencilLine aria-hidden /> Edit
                  </Link>
                </Button>
                <WorkflowMenu projectId={projectId} workflow={actedOn(workflow)} />
              </>
            ) : null}
          </>
        }
      />
      {workflow.pausedAt ? (
        <PausedNotice
          projectId={projectId}
          workflowId={workflow.id}
          name={workflow.name}
          pausedAt={workflow.pausedAt}
          canResume={may.pause}
        />
      ) : null}
      <WorkflowNotices projectId={projectId} workflow={workflow} mayWrite={may.write} />
      {graph.orderKey ? (
        <p className="mb-4 text-muted-foreground leading-relaxed">
          Strictly in order: runs with the same{" "}
          <code className="font-mono text-[13px]">{graph.orderKey}</code> follow each other as their messages
          came, others go beside them.
        </p>
      ) : null}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,6fr)]">
        <div className="grid min-w-0 gap-4">
          <div className="h-[min(26rem,60vh)] overflow-hidden rounded-lg border bg-card max-sm:hidden">
            <Canvas workflow={workflow} selectedId={selectedId} onSelect={select} />
          </div>
          <section aria-labelledby="outline" className="rounded-lg border bg-card p-2">
            <h2 id="outline" className="caption px-2 pt-1 pb-1.5">
              Outline
            </h2>
            <Outline workflow={workflow} selectedId={selectedId} onSelect={select} />
          </section>
          <HourlyEnds {...ends} />
          <RecentBar recent={workflow.recent} />
        </div>
        <section aria-label="Details" aria-live="off" className="min-w-0">
          {selectedId ? (
            <NodePanel
              projectId={projectId}
              workflow={workflow}
              nodeId={selectedId}
              inboxUrl={inboxUrl}
              urlOf={(path) => `${origin}/i/${path}`}
              cronWords={cronWords}
              filterTexts={filterTexts}
              may={may}
            />
          ) : (
            <p className="text-muted-foreground">
              This workflow has neither a trigger nor a job.
              {may.write ? (
                <>
                  {" "}
                  <Link
                    href={`/p/${projectId}/workflows/${workflow.id}/edit`}
                    className="text-accent underline underline-offset-3"
                  >
                    Add them in the editor
                  </Link>
                  .
                </>
              ) : null}
            </p>
          )}
        </section>
      </div>
    </>
  );
}
