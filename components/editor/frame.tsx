"use client";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn";
import type { Pane } from "./editor-store";
import { EditorHeader } from "./header";
import { EditorOutline } from "./outline";
import { PaneTabs, paneId } from "./pane-tabs";
import { Panel } from "./panel";
import { RunPanel } from "./run-panel";
import { useEditor } from "./store";

/** Graph, details and trying, side by side; on a narrow screen one of them at a time. */
export function EditorFrame() {
  const jobId = useEditor(({ selected }) => (selected.kind === "job" ? selected.id : null));
  return (
    <>
      <EditorHeader />
      <PaneTabs />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(19rem,5fr)_minmax(0,8fr)] xl:grid-cols-[minmax(19rem,4fr)_minmax(0,6fr)_minmax(22rem,4fr)]">
        <Column pane="outline" label="Outline" className="lg:row-span-2 xl:row-span-1">
          <EditorOutline />
        </Column>
        <Column pane="details" label="Details">
          <Panel />
        </Column>
        <Column pane="try" label="Try">
          <RunPanel jobId={jobId} />
        </Column>
      </div>
    </>
  );
}

type ColumnProps = { pane: Pane; label: string; className?: string; children: ReactNode };

function Column({ pane, label, className, children }: ColumnProps) {
  const isShown = useEditor((state) => state.pane === pane);
  return (
    <section
      id={paneId(pane)}
      aria-label={label}
      className={cn("min-w-0", isShown ? "" : "max-lg:hidden", className)}
    >
      {children}
    </section>
  );
}
