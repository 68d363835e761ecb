"use client";
import { useState } from "react";

/** What is chosen in a list. Another filter is another list, in which nothing is chosen. */
export type Selection = {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  choose: (ids: string[]) => void;
  clear: () => void;
};

const nothing: ReadonlySet<string> = new Set();

/** Keeps which rows of the list with this filter are chosen. */
export function useSelection(filterKey: string): Selection {
  const [chosen, setChosen] = useState({ filterKey, ids: nothing });
  const ids = chosen.filterKey === filterKey ? chosen.ids : nothing;
  const set = (next: Iterable<string>) => setChosen({ filterKey, ids: new Set(next) });
  return {
    ids,
    toggle: (id) => set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]),
    choose: (more) => set([...ids, ...more]),
    clear: () => set([]),
  };
}
