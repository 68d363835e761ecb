import type { ComponentProps } from "react";
import { cn } from "./cn";

export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-muted", className)} {...props} />;
}

/** A page that is still loading: says so to screen readers, shows lines to everybody else. */
export function PageSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="mb-5 h-8 w-40" />
      <div className="grid gap-px overflow-hidden rounded-lg border bg-border">
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
          <div key={row} className="flex items-center gap-4 bg-card px-3 py-3.5">
            <Skeleton className="h-3.5 w-24" />
            <Skeleton className="h-3.5 flex-1" />
            <Skeleton className="h-5 w-28" />
          </div>
        ))}
      </div>
    </div>
  );
}

/** The same for a page about one thing: its heading, its summary and two columns. */
export function DetailSkeleton({ thing }: { thing: string }) {
  return (
    <div role="status" className="grid gap-4">
      <span className="sr-only">Loading the {thing}</span>
      <Skeleton className="h-9 w-56" />
      <Skeleton className="h-14" />
      <div className="grid gap-4 lg:grid-cols-[5fr_7fr]">
        <Skeleton className="h-96" />
        <Skeleton className="h-96" />
      </div>
    </div>
  );
}
