"use client";
import { useEffect } from "react";
import { isTyping } from "@/components/data-table/use-shortcuts";
import { useEditorStore } from "./store";

/** Ctrl+S anywhere, and Ctrl+Z and Shift+Ctrl+Z (Ctrl+Y), but in texts, which have an undo of their own. */
export function useDraftKeys(): void {
  const store = useEditorStore();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
      const key = event.key.toLowerCase();
      if (key === "s" && !event.shiftKey) {
        // The draft saves itself; who presses it out of habit gets no dialog of the browser.
        event.preventDefault();
        store.takeIn();
        store.again();
      }
      if (isTyping(event.target)) return;
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) store.redo();
      else store.undo();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [store]);
}
