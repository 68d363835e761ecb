"use client";
import { useEffect, useEffectEvent } from "react";

/** Ctrl+Enter (on a Mac ⌘ too) anywhere on the page, in the code too, but in no dialog. */
export function useRunKey(run: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("[role=dialog],[role=alertdialog]")) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  });
  useEffect(() => {
    // Before the code editor, which would begin a line.
    document.addEventListener("keydown", onKey, { capture: true });
    return () => document.removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
