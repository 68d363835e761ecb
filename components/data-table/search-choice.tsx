"use client";
import { useQuery } from "@tanstack/react-query";
import { Check, ChevronDown, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/components/ui/cn";
import { controlStyle, Input } from "@/components/ui/input";
import { Popover, PopoverClose, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import type { Choice } from "./choice-list";
import { moveFocus } from "./use-shortcuts";

export type SearchChoiceProps = {
  /** Accessible name: "Job". */
  label: string;
  /** What is shown when nothing is chosen: "Any job". */
  all: string;
  value: string | null;
  /** The chosen one, as far as the page knows it. */
  chosen: Choice | undefined;
  /** What the search is kept under, apart from its text. */
  searchKey: string[];
  /** The first choices whose names contain the text, of any number. */
  search: (text: string, signal: AbortSignal) => Promise<{ choices: Choice[]; isMore: boolean }>;
  onChange: (value: string | null) => void;
  /** How wide it is; else as wide as what is chosen. */
  className?: string;
};

/** One of any number of a filter's values, found by name, or none of them. */
export function SearchChoice(props: SearchChoiceProps) {
  const { label, all, value, onChange } = props;
  const [isOpen, setOpen] = useState(false);
  const [picked, setPicked] = useState(props.chosen);
  const shown = picked?.value === value ? picked : props.chosen?.value === value ? props.chosen : undefined;
  const pick = (choice: Choice | null) => {
    setPicked(choice ?? undefined);
    onChange(choice?.value ?? null);
  };
  return (
    <Popover open={isOpen} onOpenChange={setOpen}>
      <PopoverTrigger
        role="combobox"
        aria-label={label}
        className={cn(
          controlStyle,
          "inline-flex h-8.5 w-auto max-w-56 items-center justify-between gap-2 text-left",
          value && "border-accent bg-accent-soft font-medium",
          props.className,
        )}
      >
        <span className="truncate">{value ? (shown?.label ?? "One that is gone") : all}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 opacity-70" />
      </PopoverTrigger>
      <PopoverContent aria-label={label} className="grid w-80 max-w-[92vw] gap-2 p-2">
        <Found {...props} onPick={pick} />
      </PopoverContent>
    </Popover>
  );
}

function Found({
  label,
  all,
  value,
  searchKey,
  search,
  onPick,
}: SearchChoiceProps & { onPick: (choice: Choice | null) => void }) {
  const [typed, setTyped] = useState("");
  const text = usePause(typed.trim());
  const list = useRef<HTMLDivElement>(null);
  const found = useQuery({
    queryKey: [...searchKey, text],
    queryFn: ({ signal }) => search(text, signal),
    placeholderData: (before) => before,
  });
  const choices = found.data?.choices ?? [];
  const groups = [...new Set(choices.map((choice) => choice.group ?? ""))];
  const option = (choice: Choice | null) => (
    <PopoverClose key={choice?.value ?? "*"} asChild>
      <button
        type="button"
        role="option"
        data-choice
        aria-selected={value === (choice?.value ?? null)}
        onClick={() => onPick(choice)}
        className="flex w-full items-center justify-between gap-2 rounded-md px-2 py-1.5 text-left hover:bg-muted focus-visible:-outline-offset-2"
      >
        <span className="min-w-0 [overflow-wrap:anywhere]">{choice?.label ?? all}</span>
        {value === (choice?.value ?? null) ? <Check aria-hidden className="size-3.5 shrink-0" /> : null}
      </button>
    </PopoverClose>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move among what is found, which is buttons
    <div
      className="grid gap-2"
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        moveFocus("button[data-choice]", event.key === "ArrowDown" ? 1 : -1);
      }}
    >
      <div className="relative">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-2.5 left-2.5 size-3.5 text-muted-foreground"
        />
        <Input
          type="search"
          aria-label={`Find a ${label.toLowerCase()}`}
          placeholder={`Find a ${label.toLowerCase()}`}
          value={typed}
          maxLength={100}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter")
              list.current?.querySelector<HTMLElement>("[role=group] button")?.click();
          }}
          className="pl-8"
        />
      </div>
      <div ref={list} role="listbox" aria-label={label} className="max-h-72 overflow-y-auto text-sm">
        {text ? null : option(null)}
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a list box
          <div key={group} role="group" aria-label={group || label}>
            {group ? (
              <p aria-hidden className="caption px-2 pt-2 pb-1">
                {group}
              </p>
            ) : null}
            {choices.filter((choice) => (choice.group ?? "") === group).map(option)}
          </div>
        ))}
      </div>
      <p role="status" className="px-2 text-muted-foreground text-xs">
        {found.error?.message ?? note(found.data, choices.length)}
      </p>
    </div>
  );
}

function note(found: { isMore: boolean } | undefined, count: number): string {
  if (!found) return "Looking…";
  if (count === 0) return "Nothing has such a name.";
  return found.isMore ? `The first ${count}. Type a part of the name to find others.` : `${count} in all.`;
}

/** The value once it has stayed the same for a moment. */
function usePause(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), 200);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}
