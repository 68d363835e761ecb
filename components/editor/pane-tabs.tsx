"use client";
import { type KeyboardEvent, useRef } from "react";
import { cn } from "@/components/ui/cn";
import type { Pane } from "./editor-store";
import { useEditor, useEditorStore } from "./store";

const panes: readonly { pane: Pane; label: string }[] = [
  { pane: "outline", label: "Outline" },
  { pane: "details", label: "Details" },
  { pane: "try", label: "Try" },
];

export const paneId = (pane: Pane): string => `editor-${pane}`;

const steps: Partial<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Which part a narrow screen shows. */
export function PaneTabs() {
  const store = useEditorStore();
  const shown = useEditor((state) => state.pane);
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = panes.findIndex(({ pane }) => pane === shown);
    const next = panes[(index + step + panes.length) % panes.length];
    if (!next) return;
    store.set({ pane: next.pane });
    list.current?.querySelector<HTMLElement>(`[data-pane=${next.pane}]`)?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Parts of the editor"
      onKeyDown={move}
      className="sticky top-0 z-20 -mx-3 mb-4 grid grid-cols-3 border-b bg-background px-3 sm:-mx-5 sm:px-5 lg:hidden"
    >
      {panes.map(({ pane, label }) => (
        <button
          key={pane}
          type="button"
          role="tab"
          data-pane={pane}
          aria-selected={pane === shown}
          aria-controls={paneId(pane)}
          tabIndex={pane === shown ? 0 : -1}
          onClick={() => store.set({ pane })}
          className={cn(
            "-mb-px border-transparent border-b-2 py-2.5 font-medium text-muted-foreground text-sm focus-visible:-outline-offset-2",
            pane === shown && "border-accent text-foreground",
          )}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
