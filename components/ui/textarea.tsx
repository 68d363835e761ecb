"use client";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { useFieldProps } from "./field";
import { controlStyle } from "./input";
import { useSetBefore } from "./use-set-before";

export function Textarea({ ref: given, className, ...props }: ComponentProps<"textarea">) {
  const ref = useSetBefore(given);
  return (
    <textarea
      ref={ref}
      className={cn(controlStyle, "min-h-20 py-2 leading-relaxed", className)}
      {...useFieldProps()}
      {...props}
    />
  );
}
