"use client";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import type { TriggerType } from "@/lib/words";
import { triggerName } from "./edge-words";
import { TriggerIcon } from "./trigger-icon";

type BoxProps = { isTrigger: boolean; isSelected: boolean; className?: string; children: ReactNode };

/** A node of the canvas. */
export function NodeBox({ isTrigger, isSelected, className, children }: BoxProps) {
  return (
    <div
      className={cn(
        "grid cursor-pointer gap-1 rounded-md border border-input/60 bg-card px-3 py-2 text-left shadow-[0_1px_2px_hsl(var(--shadow-color)/0.08)]",
        isTrigger && "border-dashed bg-muted",
        isSelected && "border-accent outline-1 outline-accent",
        className,
      )}
    >
      {children}
    </div>
  );
}

/** What is wrong with a node, in the place of its second line. */
const Problem = ({ problem }: { problem: string }) => (
  <span
    title={problem}
    data-status="failed"
    className="flex min-w-0 items-center gap-1 text-(--status) text-2xs"
  >
    <TriangleAlert aria-hidden className="size-3 shrink-0" />
    <span className="truncate">{problem}</span>
  </span>
);

type TriggerProps = { type: TriggerType; enabled: boolean; problem?: string | null };

export function TriggerWords({ type, enabled, problem }: TriggerProps) {
  return (
    <>
      <span className="flex items-center gap-1.5 font-medium text-[13px]">
        <TriggerIcon type={type} className="size-3.5 text-muted-foreground" />
        {triggerName(type)}
      </span>
      {problem ? (
        <Problem problem={problem} />
      ) : (
        <span className="text-2xs text-muted-foreground">{enabled ? "switched on" : "switched off"}</span>
      )}
    </>
  );
}

type JobProps = { name: string; adaptor: string; problem?: string | null; children?: ReactNode };

/** `children`: chips after the adaptor. */
export function JobWords({ name, adaptor, problem, children }: JobProps) {
  return (
    <>
      <span className="truncate font-medium text-[13px]">{name}</span>
      <span className="flex items-center justify-between gap-2">
        {problem ? (
          <Problem problem={problem} />
        ) : (
          <span className="truncate text-2xs text-muted-foreground">
            {adaptor.replace(/^@openfn\/language-/, "")}
          </span>
        )}
        {children}
      </span>
    </>
  );
}
