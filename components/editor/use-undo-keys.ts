"use client";
import { useEffect } from "react";
import { isTyping } from "@/components/data-table/use-shortcuts";
import { useEditorStore } from "./store";

/** Ctrl+Z and Shift+Ctrl+Z (Ctrl+Y), but in texts, which have an undo of their own. */
export function useUndoKeys(): void {
  const store = useEditorStore();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) store.redo();
      else store.undo();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [store]);
}
