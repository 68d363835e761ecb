"use client";
import { useState } from "react";
import { EditorFrame } from "@/components/editor/frame";
import { ProblemsWatch } from "@/components/editor/problems-watch";
import { type EditorPlace, EditorProvider } from "@/components/editor/store";
import { TargetFocus } from "@/components/editor/target-focus";
import { UrlSync } from "@/components/editor/url-sync";
import { type DraftGraph, itemOf } from "@/lib/editor/graph";
import { parseExact } from "@/lib/exact-json";

export type EditClientProps = {
  place: EditorPlace;
  /** The saved version, and its graph as text: its filters are exact decimals. */
  version: number;
  graphText: string;
  selectedId: string | null;
};

/** A workflow's editor: everything in it is an edit of one draft. */
export function EditClient({ place, version, graphText, selectedId }: EditClientProps) {
  const [graph] = useState(() => parseExact(graphText) as unknown as DraftGraph);
  return (
    <EditorProvider
      place={place}
      base={{ version, graph }}
      graph={graph}
      revision={null}
      selected={itemOf(graph, selectedId)}
    >
      <UrlSync />
      <ProblemsWatch />
      <TargetFocus />
      <EditorFrame />
    </EditorProvider>
  );
}
