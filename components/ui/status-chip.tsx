import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  ShieldX,
  TriangleAlert,
  Unplug,
  Zap,
} from "lucide-react";
import type { ReactNode } from "react";
import type { ExitReason, JobStateResult, RunState } from "@/lib/words";
import { messageStatuses, runStateOf, runStatuses } from "@/lib/workflow/status";
import { cn } from "./cn";

export type Status = RunState | JobStateResult | "unmatched";

const icons: Record<Status, LucideIcon> = {
  pending: Clock,
  running: LoaderCircle,
  in_progress: LoaderCircle,
  success: CircleCheck,
  failed: CircleX,
  failure: CircleX,
  crashed: Zap,
  cancelled: Ban,
  killed: OctagonX,
  exception: TriangleAlert,
  lost: Unplug,
  rejected: ShieldX,
  unmatched: CircleDashed,
};

export const statusWord = (status: Status): string => (status === "in_progress" ? "in progress" : status);

/** How a step stands, in the words of a run's states. */
export const stepStatus = (exitReason: ExitReason | null): RunState =>
  exitReason ? runStateOf(exitReason) : "running";

export function StatusIcon({ status, className }: { status: Status; className?: string }) {
  const Icon = icons[status];
  const turns = status === "running" || status === "in_progress";
  return (
    <Icon
      aria-hidden
      className={cn(
        "size-3.5 shrink-0 stroke-[2.25]",
        turns && "animate-spin [animation-duration:2s]",
        className,
      )}
    />
  );
}

const meanings: Record<Status, { meaning: string }> = { ...messageStatuses, ...runStatuses };

export type StatusChipProps = {
  status: Status;
  /** Before the word: the job's name. */
  name?: ReactNode;
  /** Instead of the state's own word. */
  word?: string | undefined;
  /** What it says when pointed at, instead of what the state means. */
  title?: string | undefined;
  className?: string | undefined;
};

/** A state as icon, word and colour; never colour alone. */
export function StatusChip({ status, name, word, title, className }: StatusChipProps) {
  return (
    <span
      data-status={status}
      title={title ?? meanings[status].meaning}
      className={cn(
        "inline-flex h-5.5 max-w-full items-center gap-1 rounded-sm border border-(--status-line) bg-(--status-soft) px-1.5 font-medium text-(--status) text-xs",
        className,
      )}
    >
      <StatusIcon status={status} />
      {name ? <span className="truncate text-foreground">{name}</span> : null}
      <span className="whitespace-nowrap">{word ?? statusWord(status)}</span>
    </span>
  );
}
