"use client";
import { Unsaved } from "./registry";

const listeners = new Set<() => void>();

/** Everything that is typed on the page. */
export const page = new Unsaved({
  onTouch: () => {
    for (const listener of listeners) listener();
  },
});

/** Calls back whenever something is typed, until the returned function is called. */
export function onTyping(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
