"use client";
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import type { DraftGraph, Item } from "@/lib/editor/graph";
import { type Base, type EditorState, EditorStore } from "./editor-store";

/** What does not change while the page is open. */
export type EditorPlace = {
  projectId: string;
  workflowId: string;
  /** Whose draft it is. */
  userId: string;
  /** Where this installation answers, for URLs that senders get. */
  origin: string;
  /** Address of the project's inbox. */
  inboxUrl: string;
  /** `senders`: say how senders prove who they are. */
  may: { write: boolean; run: boolean; senders: boolean };
};

const Store = createContext<EditorStore | null>(null);
const Place = createContext<EditorPlace | null>(null);

type Props = {
  place: EditorPlace;
  base: Base;
  graph: DraftGraph;
  revision: number | null;
  note: string | null;
  selected: Item;
  children: ReactNode;
};

export function EditorProvider({ place, children, ...start }: Props) {
  const [store] = useState(() => new EditorStore(start));
  return (
    <Place.Provider value={place}>
      <Store.Provider value={store}>{children}</Store.Provider>
    </Place.Provider>
  );
}

export function useEditorStore(): EditorStore {
  const store = useContext(Store);
  if (!store) throw new Error("Outside of an EditorProvider.");
  return store;
}

export function useEditorPlace(): EditorPlace {
  const place = useContext(Place);
  if (!place) throw new Error("Outside of an EditorProvider.");
  return place;
}

/** A part of the editor's state; the component renders again when what `pick` returns is another object. */
export function useEditor<T>(pick: (state: EditorState) => T): T {
  const store = useEditorStore();
  return useSyncExternalStore(
    store.subscribe,
    () => pick(store.state),
    () => pick(store.state),
  );
}

/** The draft as it is now. */
export const useDraft = (): DraftGraph => useEditor(({ history }) => history.now);
