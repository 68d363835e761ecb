"use client";
import { useState } from "react";
import type { Base } from "@/components/editor/editor-store";
import { EditorFrame } from "@/components/editor/frame";
import { ProblemsWatch } from "@/components/editor/problems-watch";
import { Autosave } from "@/components/editor/saving/autosave";
import { type EditorPlace, EditorProvider } from "@/components/editor/store";
import { TargetFocus } from "@/components/editor/target-focus";
import { UrlSync } from "@/components/editor/url-sync";
import { type DraftGraph, itemOf } from "@/lib/editor/graph";
import { parseExact } from "@/lib/exact-json";

/** What the editor opens with: the version that is changed, and one's draft of it. */
export type Opened = {
  base: Base;
  draft: { graph: DraftGraph; revision: number; note: string | null } | null;
};

export type EditClientProps = {
  place: EditorPlace;
  /** An `Opened` as text: filters are exact decimals, which a page's data are not. */
  openedText: string;
  selectedId: string | null;
};

/** A workflow's editor: everything in it is an edit of one draft. */
export function EditClient(props: EditClientProps) {
  // As the page was opened: what happens to the draft afterwards is the editor's.
  const [place] = useState(props.place);
  const [{ base, draft }] = useState(() => parseExact(props.openedText) as unknown as Opened);
  const graph = draft?.graph ?? base.graph;
  return (
    <EditorProvider
      place={place}
      base={base}
      graph={graph}
      revision={draft?.revision ?? null}
      note={draft?.note ?? null}
      selected={itemOf(graph, props.selectedId)}
    >
      <UrlSync />
      <ProblemsWatch />
      <TargetFocus />
      <Autosave />
      <EditorFrame />
    </EditorProvider>
  );
}
