"use client";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { useFieldProps } from "./field";
import { controlStyle } from "./input";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(controlStyle, "min-h-20 py-2 leading-relaxed", className)}
      {...useFieldProps()}
      {...props}
    />
  );
}
