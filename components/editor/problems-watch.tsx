"use client";
import { useEffect } from "react";
import { useEditorStore } from "./store";

/** After the last change: nobody reads while they type, and all of the graph is looked at. */
const restMs = 200;

/** Finds out what is wrong with the draft, a moment after each change. */
export function ProblemsWatch() {
  const store = useEditorStore();
  useEffect(() => {
    let checked: unknown[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = async () => {
      const { checksFor, problemsOf } = await import("@/lib/editor/problems");
      const checks = await checksFor(store.draft);
      const { compile, refused } = store.state;
      store.set({ problems: problemsOf(store.draft, checks, compile, refused) });
    };
    const plan = () => {
      const { compile, refused } = store.state;
      const seen = [store.draft, compile, refused];
      if (seen.every((one, index) => one === checked[index])) return;
      checked = seen;
      clearTimeout(timer);
      timer = setTimeout(() => void check(), restMs);
    };
    plan();
    const stop = store.subscribe(plan);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [store]);
  return null;
}
