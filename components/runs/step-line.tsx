"use client";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import { formatDuration } from "@/components/ui/format";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatusIcon, statusWord, stepStatus } from "@/components/ui/status-chip";
import type { StepSummary } from "@/lib/domain/run/types";
import { attemptWords, repeatedWords } from "./repeated";

export type StepLineProps = {
  step: StepSummary;
  isOpen: boolean;
  onToggle: () => void;
  /** Right of the line: a rerun button. */
  action?: ReactNode;
  children: ReactNode;
};

const shortAdaptor = (adaptor: string) => adaptor.replace(/^@openfn\/language-/, "");

/** One hand the message passed through: its stamp, and below it, when open, what it did. */
export function StepLine({ step, isOpen, onToggle, action, children }: StepLineProps) {
  const status = stepStatus(step);
  const panelId = `step-${step.runId}-${step.id}${step.linked ? "-linked" : ""}`;
  return (
    <li data-status={status} className="relative pl-7">
      <span
        aria-hidden
        className="absolute top-0 bottom-0 left-[9px] w-px bg-border [li:first-child>&]:top-4 [li:last-child>&]:bottom-auto [li:last-child>&]:h-4 [li:only-child>&]:hidden"
      />
      <span
        aria-hidden
        className={cn(
          "absolute top-1.75 left-0 flex size-[19px] items-center justify-center rounded-full border border-(--status-line) bg-(--status-soft) text-(--status)",
          step.linked && "border-dashed opacity-70",
        )}
      >
        <StatusIcon status={status} className="size-3" />
      </span>
      <div data-step={step.linked ? undefined : step.id} className="flex items-center gap-1">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={isOpen ? panelId : undefined}
          onClick={onToggle}
          className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2.5 rounded-md px-1.5 py-1.5 text-left hover:bg-muted"
        >
          <ChevronRight
            aria-hidden
            className={cn(
              "size-3.5 shrink-0 self-center text-muted-foreground transition-transform",
              isOpen && "rotate-90",
            )}
          />
          <span className="truncate font-medium">{step.jobName}</span>
          <span className="font-medium text-(--status) text-xs">{statusWord(status)}</span>
          {step.error ? (
            <span className="truncate font-mono text-(--status) text-xs">{step.error.type}</span>
          ) : null}
          {step.linked ? (
            <span className="text-muted-foreground text-xs">from an earlier attempt, not run again</span>
          ) : null}
          {step.attempt > 1 ? (
            <span className="text-muted-foreground text-xs">{attemptWords(step)}</span>
          ) : null}
          {step.repeats > 0 ? (
            <span className="text-muted-foreground text-xs">{repeatedWords(step.repeats)}</span>
          ) : null}
          <span className="nums ml-auto flex gap-2.5 whitespace-nowrap text-muted-foreground text-xs">
            <span className="max-sm:hidden">{shortAdaptor(step.adaptor)}</span>
            {step.durationMs === null ? (
              <RelativeTime value={step.startedAt} />
            ) : (
              <span>{formatDuration(step.durationMs)}</span>
            )}
          </span>
        </button>
        {action}
      </div>
      {isOpen ? (
        <div id={panelId} className="pt-0.5 pb-4 pl-1.5">
          {children}
        </div>
      ) : null}
    </li>
  );
}
