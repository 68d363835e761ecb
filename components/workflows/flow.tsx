"use client";
import { Background, Controls, type Edge, type Node, ReactFlow, type ReactFlowProps } from "@xyflow/react";
import { useTheme } from "next-themes";
import "@xyflow/react/dist/style.css";

/** A graph that is moved and zoomed, and whose nodes stand where the layout puts them. */
export function Flow<N extends Node, E extends Edge>(props: ReactFlowProps<N, E>) {
  const { resolvedTheme } = useTheme();
  return (
    <ReactFlow
      colorMode={resolvedTheme === "dark" ? "dark" : "light"}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      zoomOnScroll={false}
      preventScrolling={false}
      fitView
      fitViewOptions={{ padding: 0.14, maxZoom: 1.1 }}
      aria-label="Workflow graph"
      {...props}
    >
      <Background gap={18} size={1} />
      <Controls showInteractive={false} />
      {props.children}
    </ReactFlow>
  );
}
