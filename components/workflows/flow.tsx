"use client";
import { Background, Controls, type Edge, type Node, ReactFlow, type ReactFlowProps } from "@xyflow/react";
import { useTheme } from "next-themes";
import { useRef } from "react";
import type { Place } from "./layout";
import { startView } from "./view";
import "@xyflow/react/dist/style.css";

type Props<N extends Node, E extends Edge> = ReactFlowProps<N, E> & {
  /** Where nodes stand. */
  places: ReadonlyMap<string, Place>;
  selectedId: string | null;
};

/** A graph that is moved and zoomed, and whose nodes stand where the layout puts them. */
export function Flow<N extends Node, E extends Edge>({ places, selectedId, ...props }: Props<N, E>) {
  const { resolvedTheme } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  return (
    <ReactFlow
      ref={box}
      colorMode={resolvedTheme === "dark" ? "dark" : "light"}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      zoomOnScroll={false}
      preventScrolling={false}
      minZoom={0.15}
      onInit={(flow) => {
        const size = box.current?.getBoundingClientRect();
        if (size?.width) void flow.setViewport(startView(places, size, places.get(selectedId ?? "")));
      }}
      aria-label="Workflow graph"
      {...props}
    >
      <Background gap={18} size={1} />
      <Controls showInteractive={false} fitViewOptions={{ padding: 0.14, maxZoom: 1.1 }} />
      {props.children}
    </ReactFlow>
  );
}
