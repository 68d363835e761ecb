import Link from "next/link";
import type { RunState } from "@/lib/words";
import { errorHref, runHref } from "@/lib/workflow/status-table";
import { cn } from "./cn";
import { RunChip } from "./status-chip";

/** A run's state, leading to what it means and what to do about it. Not within another link. */
export function ExplainedRun({
  run,
  className,
}: {
  run: { state: RunState; handled: boolean };
  className?: string;
}) {
  return (
    <Link href={runHref(run.state)} title={`What ${run.state} means`} className="rounded-sm hover:underline">
      <RunChip run={run} className={className} />
    </Link>
  );
}

/** An error type, leading to what it means and what to do about it; as it is where it is of a job's own making. */
export function ExplainedType({ type, className }: { type: string; className?: string }) {
  const href = errorHref(type);
  const classes = cn("font-mono text-xs", className);
  return href ? (
    <Link
      href={href}
      title={`What ${type} means`}
      className={cn(classes, "underline decoration-dotted underline-offset-3")}
    >
      {type}
    </Link>
  ) : (
    <code className={classes}>{type}</code>
  );
}
