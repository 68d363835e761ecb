"use client";
import { Check } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { after } from "./overlay";

type CheckboxProps = Omit<ComponentProps<"button">, "type" | "role" | "onChange"> & {
  checked: boolean;
  onCheckedChange: (isChecked: boolean) => void;
};

export const Checkbox = ({ className, checked, onCheckedChange, onClick, ...props }: CheckboxProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a native one cannot be drawn alike everywhere
  <button
    type="button"
    role="checkbox"
    aria-checked={checked}
    data-state={checked ? "checked" : "unchecked"}
    onClick={after(onClick, () => onCheckedChange(!checked))}
    onKeyDown={(event) => {
      // A checkbox is for the space bar alone.
      if (event.key === "Enter") event.preventDefault();
    }}
    className={cn(
      "flex size-4 shrink-0 items-center justify-center rounded-sm border border-input bg-card disabled:cursor-not-allowed data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=checked]:text-card",
      className,
    )}
    {...props}
  >
    {checked ? <Check aria-hidden className="size-3" strokeWidth={3} /> : null}
  </button>
);
