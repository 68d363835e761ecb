import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  ShieldCheck,
  ShieldX,
  TriangleAlert,
  Unplug,
  Zap,
} from "lucide-react";
import type { ReactNode } from "react";
import type { ExitReason, JobStateWord, RunState } from "@/lib/words";
import { runSetInfo } from "@/lib/workflow/outcome";
import { messageStatuses, runStateOf, runStatuses, type StatusInfo } from "@/lib/workflow/status";
import { cn } from "./cn";

export type Status = RunState | JobStateWord | "unmatched";

const icons: Record<Status, LucideIcon> = {
  pending: Clock,
  running: LoaderCircle,
  in_progress: LoaderCircle,
  success: CircleCheck,
  failed: CircleX,
  failure: CircleX,
  handled: ShieldCheck,
  crashed: Zap,
  cancelled: Ban,
  killed: OctagonX,
  exception: TriangleAlert,
  lost: Unplug,
  rejected: ShieldX,
  unmatched: CircleDashed,
};

const otherWords: Partial<Record<Status, string>> = {
  in_progress: "in progress",
  handled: "failed, handled",
};

export const statusWord = (status: Status): string => otherWords[status] ?? status;

/** How a step stands, in the words of a run's states; a failure that another step followed is told apart. */
export const stepStatus = ({ exitReason, handled }: Step): RunState | "handled" => {
  if (handled) return "handled";
  return exitReason ? runStateOf(exitReason) : "running";
};

type Step = { exitReason: ExitReason | null; handled?: boolean };

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

const infos: Record<Status, StatusInfo> = { ...messageStatuses, ...runStatuses };

/** What a state means, and what to do about it where there is something to do. */
const explained = (status: Status): string => {
  const { meaning, remedy } = infos[status];
  return remedy === "Nothing." ? meaning : `${meaning} ${remedy}`;
};

/** The state of a run or a work order, and beside a success that a failure was handled on the way. */
export function RunChip({
  run: { state, handled },
  title,
  className,
}: {
  run: { state: RunState; handled: boolean };
  title?: string | undefined;
  className?: string | undefined;
}) {
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-1">
      <StatusChip status={state} title={title} className={className} />
      {handled ? (
        <StatusChip status="handled" title={runSetInfo.handled.meaning} className={className} />
      ) : null}
    </span>
  );
}

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
      title={title ?? explained(status)}
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

/** Beside a job, or with its name, when its adaptor cannot be had. */
export const LacksAdaptor = (props: Pick<StatusChipProps, "name" | "className">) => (
  <StatusChip
    status="exception"
    word="cannot run"
    title="Its adaptor cannot be had; another one is chosen where the job is shown."
    {...props}
  />
);
