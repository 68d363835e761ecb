"use client";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { useFieldProps } from "./field";
import { useSetBefore } from "./use-set-before";

export const controlStyle =
  "w-full min-w-0 rounded-md border border-input/70 bg-card px-2.5 text-sm placeholder:text-muted-foreground hover:border-input disabled:cursor-not-allowed disabled:opacity-55 aria-invalid:border-destructive focus-visible:outline-offset-0 max-sm:text-base";

export function Input({ ref: given, className, ...props }: ComponentProps<"input">) {
  const ref = useSetBefore(given);
  return <input ref={ref} className={cn(controlStyle, "h-8.5", className)} {...useFieldProps()} {...props} />;
}
