"use client";
import { useId } from "react";
import { Checkbox } from "./checkbox";

type Props = { label: string; isChecked: boolean; onChange: (on: boolean) => void };

/** A box with its words beside it. */
export function Choice({ label, isChecked, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <Checkbox id={id} className="mt-0.5" checked={isChecked} onCheckedChange={onChange} />
      <label htmlFor={id} className="min-w-0 [overflow-wrap:anywhere]">
        {label}
      </label>
    </div>
  );
}
