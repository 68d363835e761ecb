"use client";
import { ArrowRight } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { formatDuration } from "@/components/ui/format";
import { StatusIcon, statusWord, stepStatus } from "@/components/ui/status-chip";
import type { RunDetail, StepSummary } from "@/lib/domain/run/types";
import { attemptWords, repeatedWords } from "./repeated";

export type StepStripProps = { run: RunDetail; openStepId: string | null; onOpen: (stepId: string) => void };

/** The way the run took, step after step, and the jobs of its workflow that it did not reach. */
export function StepStrip({ run, openStepId, onOpen }: StepStripProps) {
  const reached = new Set(run.detailedSteps.map((step) => step.jobId));
  const rest = run.snapshot.graph.jobs.filter((job) => !reached.has(job.id));
  return (
    <nav aria-label="Steps" className="overflow-x-auto rounded-lg border bg-card">
      <ol className="flex w-max min-w-full items-center gap-1 p-2.5">
        {run.detailedSteps.map((step, index) => (
          <li key={`${step.id}${step.linked}`} className="flex items-center gap-1">
            {index > 0 ? <Way from={parentOf(run, index)} previous={run.detailedSteps[index - 1]} /> : null}
            <Stamp step={step} isOpen={step.id === openStepId} onOpen={onOpen} />
          </li>
        ))}
        {rest.map((job) => (
          <li key={job.id} className="flex items-center gap-1">
            <span className="rounded-md border border-dashed px-2.5 py-1.5 text-muted-foreground text-xs">
              {job.name}
              <span className="block">{run.finishedAt ? "not reached" : "not yet"}</span>
            </span>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The step that led here: the nearest earlier one with an edge to this job. */
function parentOf(run: RunDetail, index: number): StepSummary | undefined {
  const jobId = run.detailedSteps[index]?.jobId;
  const sources = run.snapshot.graph.edges.filter((edge) => edge.targetJobId === jobId);
  return run.detailedSteps
    .slice(0, index)
    .findLast((step) => sources.some((edge) => edge.sourceJobId === step.jobId));
}

/** An arrow from the step before, or the name of the one that a branch left from. */
function Way({ from, previous }: { from: StepSummary | undefined; previous: StepSummary | undefined }) {
  if (!from || from === previous) return <ArrowRight aria-hidden className="size-3.5 text-input" />;
  return (
    <span className="ml-2 flex items-center gap-1 border-l pl-3 text-muted-foreground text-xs">
      after {from.jobName} <ArrowRight aria-hidden className="size-3.5 text-input" />
    </span>
  );
}

function Stamp({
  step,
  isOpen,
  onOpen,
}: {
  step: StepSummary;
  isOpen: boolean;
  onOpen: (stepId: string) => void;
}) {
  const status = stepStatus(step);
  return (
    <button
      type="button"
      data-status={status}
      aria-pressed={isOpen}
      onClick={() => onOpen(step.id)}
      className={cn(
        "grid rounded-md border border-(--status-line) bg-(--status-soft) px-2.5 py-1.5 text-left",
        isOpen && "outline-2 outline-ring -outline-offset-1",
        step.linked && "border-dashed",
      )}
    >
      <span className="font-medium">{step.jobName}</span>
      <span className="nums flex items-center gap-1 text-(--status) text-xs">
        <StatusIcon status={status} className="size-3" />
        {step.linked ? `${statusWord(status)}, earlier` : statusWord(status)}
        {step.durationMs === null || step.linked ? "" : `, ${formatDuration(step.durationMs)}`}
        {step.attempt > 1 ? `, ${attemptWords(step)}` : ""}
        {step.repeats > 0 ? `, ${repeatedWords(step.repeats)}` : ""}
      </span>
    </button>
  );
}
