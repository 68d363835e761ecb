"use client";
import { ChevronDown } from "lucide-react";
import type { KeyboardEvent, MouseEvent, PointerEvent } from "react";
import { cn } from "@/components/ui/cn";
import { controlStyle } from "@/components/ui/input";
import { late, useLate, useLoaded } from "@/components/ui/late";
import { useOverlay } from "@/components/ui/overlay";
import type { Choice } from "./choice-list";

const list = late(() => import("./choice-list"));

export type ChoiceFilterProps = {
  /** Accessible name: "State". */
  label: string;
  /** What is shown when nothing is chosen: "Any state". */
  all: string;
  value: string | null;
  choices: Choice[];
  onChange: (value: string | null) => void;
  isSmall?: boolean;
};

/** One of a filter's values, or none of them. */
export function ChoiceFilter({ isSmall = false, label, ...props }: ChoiceFilterProps) {
  const { all, value, choices } = props;
  const overlay = useOverlay({});
  const { does } = overlay;
  useLate(list, overlay.isOpen, () => overlay.setOpen(false));
  const loaded = useLoaded(list);
  const isShown = overlay.isOpen && loaded !== undefined;
  const open = () => overlay.setOpen(true);
  return (
    <>
      <button
        ref={overlay.trigger}
        type="button"
        role="combobox"
        aria-label={label}
        aria-autocomplete="none"
        aria-expanded={isShown}
        aria-controls={overlay.contentId}
        aria-busy={overlay.isOpen && !isShown ? true : undefined}
        data-state={isShown ? "open" : "closed"}
        onPointerEnter={list.foresee}
        onFocus={list.foresee}
        // The list's own, once it is there; it also finds a choice by its first letters. Until then all of them open it.
        onPointerDown={(event: PointerEvent<HTMLButtonElement>) => {
          if (does.current) does.current.onPointerDown(event);
          else if (event.button === 0 && !event.ctrlKey && event.pointerType === "mouse") open();
        }}
        onClick={(event: MouseEvent<HTMLButtonElement>) => {
          if (does.current) does.current.onClick(event);
          else open();
        }}
        onKeyDown={(event: KeyboardEvent<HTMLButtonElement>) => {
          if (does.current) does.current.onKeyDown(event);
          else if (/^(ArrowUp|ArrowDown|[^\s])$/.test(event.key)) open();
        }}
        className={cn(
          controlStyle,
          "inline-flex h-8.5 w-auto max-w-56 items-center justify-between gap-2 text-left",
          value && "border-accent bg-accent-soft font-medium",
          isSmall && "h-7 text-xs",
        )}
      >
        <span className="truncate">
          {value === null ? all : choices.find((choice) => choice.value === value)?.label}
        </span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 opacity-70" />
      </button>
      {loaded ? <loaded.ChoiceList {...props} overlay={overlay} /> : null}
    </>
  );
}
