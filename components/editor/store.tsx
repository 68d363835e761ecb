"use client";
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import type { Edit } from "@/lib/editor/edits";
import type { DraftGraph, Item } from "@/lib/editor/graph";
import { apply, begin, type History, redo, undo } from "@/lib/editor/history";
import type { ExactJson } from "@/lib/exact-json";

/** What the editor's parts share. They read it with `useEditor`, and change it by edits alone. */
export type EditorState = {
  history: History;
  /** What the panel shows. */
  selected: Item;
  /** The state that the draft is tried on, `{data, request}` of a message; null where none is chosen, or too large. */
  sample: ExactJson | null;
};

/** The longest sample that completions and filters are made from, in characters of JSON. */
export const maxSampleChars = 1_000_000;

export class EditorStore {
  #state: EditorState;
  readonly #listeners = new Set<() => void>();

  constructor(graph: DraftGraph, selected: Item = { kind: "workflow" }) {
    this.#state = { history: begin(graph), selected, sample: null };
  }

  get state(): EditorState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Changes the draft. `key`: edits with the same one, one after another, are undone together. */
  edit(edit: Edit, key?: string): void {
    this.#set({ history: apply(this.#state.history, edit, key ?? null) });
  }

  undo(): void {
    const history = undo(this.#state.history);
    if (history) this.#set({ history });
  }

  redo(): void {
    const history = redo(this.#state.history);
    if (history) this.#set({ history });
  }

  /** Another draft altogether: merged with what others saved, or taken up from elsewhere. */
  replace(graph: DraftGraph): void {
    this.edit(() => graph);
  }

  select(selected: Item): void {
    this.#set({ selected });
  }

  /** What completions and filters go by; whoever hands it over keeps it within `maxSampleChars`. */
  setSample(sample: ExactJson | null): void {
    if (sample !== this.#state.sample) this.#set({ sample });
  }

  #set(change: Partial<EditorState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** What does not change while the page is open. */
export type EditorPlace = {
  projectId: string;
  workflowId: string;
  /** Where this installation answers, for URLs that senders get. */
  origin: string;
  /** Address of the project's inbox. */
  inboxUrl: string;
  may: { write: boolean; run: boolean };
};

const Store = createContext<EditorStore | null>(null);
const Place = createContext<EditorPlace | null>(null);

type Props = { place: EditorPlace; graph: DraftGraph; selected?: Item; children: ReactNode };

export function EditorProvider({ place, graph, selected, children }: Props) {
  const [store] = useState(() => new EditorStore(graph, selected));
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

export const useDraft = (): DraftGraph => useEditor(({ history }) => history.now);
