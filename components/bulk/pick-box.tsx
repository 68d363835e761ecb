"use client";
import { Checkbox } from "@/components/ui/checkbox";
import type { Selection } from "./use-selection";

/** Chooses one row of a list; stands above the link that covers it. */
export const PickBox = ({ id, label, selection }: { id: string; label: string; selection: Selection }) => (
  <Checkbox
    aria-label={label}
    checked={selection.ids.has(id)}
    onCheckedChange={() => selection.toggle(id)}
    className="relative z-10 after:absolute after:-inset-2"
  />
);
