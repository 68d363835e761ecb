"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Ban, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useQueryStates } from "nuqs";
import { useRef } from "react";
import { api } from "@/components/api";
import { IssueLinks } from "@/components/issues/issue-links";
import { concerns, useLive } from "@/components/live/use-live";
import { useRefresh } from "@/components/live/use-refresh";
import { MaskingNotice } from "@/components/masks/masking-notice";
import { isRepairable, useRepairDialog } from "@/components/repair/use-repair-dialog";
import { useRerun } from "@/components/rerun/use-rerun";
import type { Version } from "@/components/rerun/version-choice";
import { Causes } from "@/components/runs/causes";
import { RunCode } from "@/components/runs/run-code";
import { RunHead } from "@/components/runs/run-head";
import { StepPanel } from "@/components/runs/step-panel";
import { StepStrip } from "@/components/runs/step-strip";
import { startWords } from "@/components/runs/wait-words";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { ExplainedRun, ExplainedType } from "@/components/ui/explained";
import { PageHeader } from "@/components/ui/page-header";
import { StatusChip, stepStatus } from "@/components/ui/status-chip";
import { toast } from "@/components/ui/toast";
import { page } from "@/components/unsaved/page";
import { DifferenceDialog } from "@/components/workflows/difference-dialog";
import type { RunDetail, StepSummary } from "@/lib/domain/run/types";
import { runParams } from "./search-params";

export type RunClientProps = { initial: RunDetail; may: { rerun: boolean; cancel: boolean; write: boolean } };

export function RunClient({ initial, may }: RunClientProps) {
  const { projectId } = initial;
  const [params, setParams] = useQueryStates(runParams, { history: "replace", shallow: true });
  const { run, refetch } = useRun(initial);
  const act = useActions(run, () => void refetch());
  const { repair, dialog } = useRepairDialog({ projectId, mayRerun: may.rerun });
  const stepOf = (stepId: string | null) => run.detailedSteps.find(({ id }) => id === stepId);
  // What is typed for a step stays with it, whichever step the run is at by now.
  const shown = useRef<string | null>(null);
  const step = stepOf(params.step) ?? (page.isUnsaved ? stepOf(shown.current) : undefined) ?? stepToShow(run);
  shown.current = step?.id ?? null;
  const isOver = run.finishedAt !== null;

  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5 whitespace-normal">
            <span className="min-w-0 [overflow-wrap:anywhere]">Run of {run.workflowName}</span>
            <ExplainedRun run={run} className="text-sm tracking-normal" />
          </span>
        }
        parent={<Link href={`/p/${projectId}/activity`}>Activity history</Link>}
        actions={
          <>
            {may.cancel && !isOver ? <Cancel run={run} onConfirm={() => act.cancel.mutate()} /> : null}
            {may.rerun && isOver ? (
              <Button disabled={act.isRerunning} onClick={() => act.rerun({})}>
                <RotateCcw aria-hidden /> Rerun
              </Button>
            ) : null}
          </>
        }
      />
      <div className="grid gap-4">
        <RunHead run={run} mayName={may.rerun} />
        <MaskingNotice {...run} of={{ runId: run.id }} />
        <Causes run={run} />
        {run.errorMessage ? (
          <p
            data-status={run.state}
            className="rounded-md border border-(--status-line) bg-(--status-soft) px-3.5 py-2.5 [overflow-wrap:anywhere]"
          >
            {run.errorType ? (
              <ExplainedType type={run.errorType} className="mr-2 font-semibold text-(--status)" />
            ) : null}
            {run.errorMessage}
          </p>
        ) : null}
        <IssueLinks projectId={projectId} issues={run.issues} />
        <StepStrip
          run={run}
          openStepId={step?.id ?? null}
          onOpen={(id) => void setParams({ step: id, tab: null })}
        />
        {step ? (
          <section aria-labelledby="step" className="min-w-0">
            <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
              <h2 id="step" className="flex items-center gap-2 font-semibold text-[15px]">
                {step.jobName} <StatusChip status={stepStatus(step)} />
              </h2>
              {may.rerun && isOver ? (
                <Button
                  size="sm"
                  variant="outline"
                  disabled={act.isRerunning}
                  onClick={() => act.rerun({ fromStepId: step.id })}
                >
                  <RotateCcw aria-hidden /> Rerun from here
                </Button>
              ) : null}
            </div>
            <StepPanel
              key={step.id}
              projectId={projectId}
              step={step}
              tab={params.tab}
              onTabChange={(tab) => void setParams({ step: step.id, tab })}
              mayDryRun={may.rerun}
              onRepair={may.write && isRepairable(step) ? () => repair(step) : undefined}
            />
          </section>
        ) : (
          <p
            role="status"
            className="rounded-lg border border-dashed bg-card px-4 py-6 text-center text-muted-foreground"
          >
            {isOver ? "No job ran." : startWords(run.waitsFor)}
          </p>
        )}
        <section aria-labelledby="code" className="min-w-0">
          <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
            <h2 id="code" className="font-semibold text-[15px]">
              Code of version {run.snapshot.lockVersion}
            </h2>
            {run.snapshot.isLatest ? null : (
              <DifferenceDialog
                {...{ projectId }}
                workflowId={run.workflowId}
                from={run.snapshot.lockVersion}
              />
            )}
          </div>
          <RunCode run={run} jobId={step?.jobId} />
        </section>
      </div>
      {act.question}
      {dialog}
    </>
  );
}

function Cancel({ run, onConfirm }: { run: RunDetail; onConfirm: () => void }) {
  return (
    <Confirm
      title="Cancel this run?"
      description="The job that is running is stopped. What it has already sent to other systems stays sent."
      action="Cancel the run"
      destructive
      onConfirm={onConfirm}
      trigger={
        <Button variant="outline" disabled={run.cancelRequestedAt !== null}>
          <Ban aria-hidden /> {run.cancelRequestedAt ? "Cancelling…" : "Cancel run"}
        </Button>
      }
    />
  );
}

/** The run, kept current by hints and, while it is unfinished, by asking now and then. */
function useRun(initial: RunDetail) {
  const { id, projectId } = initial;
  const { data: run, refetch } = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/runs/[id]", { params: { project: projectId, id }, signal }),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data?.finishedAt ? false : 3_000),
  });
  const refresh = useRefresh(refetch);
  useLive(projectId, {
    gatherMs: 150,
    onHint: (hints) => {
      if (concerns(hints, "runs", new Set([id]))) refresh();
    },
  });
  return { run, refetch };
}

function useActions(run: RunDetail, onDone: () => void) {
  const router = useRouter();
  const params = { project: run.projectId, id: run.id };
  const { rerun, isBusy, question } = useRerun<{ fromStepId?: string; version?: Version }>({
    projectId: run.projectId,
    preview: (query) => api("GET /api/projects/[project]/runs/[id]/rerun", { params, query }),
    send: (body) => api("POST /api/projects/[project]/runs/[id]/rerun", { params, body }),
    done: ([id]) => {
      toast.success("A new run has been queued.");
      if (id) router.push(`/p/${run.projectId}/runs/${id}`);
    },
  });
  const cancel = useMutation({
    mutationFn: () => api("POST /api/projects/[project]/runs/[id]/cancel", { params }),
    onSuccess: onDone,
    onError: (error) => toast.error(error.message),
  });
  return { rerun, isRerunning: isBusy, question, cancel };
}

/** The step that went wrong, else the one that runs, else the last one. */
function stepToShow(run: RunDetail): StepSummary | undefined {
  const own = run.detailedSteps.filter((step) => !step.linked);
  return (
    own.find((step) => step.exitReason !== null && step.exitReason !== "success") ??
    own.find((step) => step.exitReason === null) ??
    own.at(-1)
  );
}
