"use client";
import dynamic from "next/dynamic";
import { type ComponentProps, useDeferredValue } from "react";
import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import type { Pane } from "./editor-store";
import { EditorGraph } from "./graph/graph";
import { EditorHeader } from "./header";
import { OthersBanner } from "./merge/others-banner";
import { PaneTabs, paneId } from "./pane-tabs";
import { loadPanels, Panel } from "./panel";
import { RunPanel } from "./run-panel";
import { useEditor } from "./store";

/** Loaded where a workflow begins. */
const Start = dynamic(() => import("./start").then((module) => module.Start), {
  ssr: false,
  loading: () => <Skeleton className="h-80" />,
});

/** Graph, details and trying, side by side; on a narrow screen one of them at a time. */
export function EditorFrame() {
  const isEmpty = useEditor(({ history: { now } }) => now.triggers.length === 0 && now.jobs.length === 0);
  const hasJobs = useEditor(({ history: { now } }) => now.jobs.length > 0);
  // Whoever goes through the outline by the arrows does not wait for each panel.
  const selected = useDeferredValue(useEditor((state) => state.selected));
  if (isEmpty)
    return (
      <>
        <EditorHeader />
        <OthersBanner />
        <Start />
        <Panel selected={selected} />
      </>
    );
  return (
    <>
      <EditorHeader />
      <OthersBanner />
      <PaneTabs />
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(19rem,4fr)_minmax(0,7fr)] xl:grid-cols-[minmax(19rem,4fr)_minmax(0,6fr)_minmax(22rem,4fr)]">
        <Column
          pane="outline"
          label="Graph"
          className="lg:row-span-2 xl:row-span-1"
          onPointerEnter={loadPanels}
          onFocus={loadPanels}
        >
          <EditorGraph />
        </Column>
        <Column pane="details" label="Details">
          {hasJobs ? null : <Start />}
          <Panel selected={selected} />
        </Column>
        <Column pane="try" label="Try">
          <RunPanel jobId={selected.kind === "job" ? selected.id : null} />
        </Column>
      </div>
    </>
  );
}

type ColumnProps = ComponentProps<"section"> & { pane: Pane; label: string };

function Column({ pane, label, className, ...props }: ColumnProps) {
  const isShown = useEditor((state) => state.pane === pane);
  return (
    <section
      id={paneId(pane)}
      aria-label={label}
      tabIndex={-1}
      className={cn("min-w-0 outline-none", isShown ? "" : "max-lg:hidden", className)}
      {...props}
    />
  );
}
