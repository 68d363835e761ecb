import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A small word beside something: a role, a version, a format. Not for states: those are StatusChip. */
export function Badge({ className, ...props }: ComponentProps<"span">) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm border bg-muted px-1.5 font-medium text-2xs text-muted-foreground [&_svg]:size-3",
        className,
      )}
      {...props}
    />
  );
}
