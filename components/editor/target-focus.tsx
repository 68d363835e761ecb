"use client";
import { useEffect } from "react";
import { fieldId } from "@/lib/editor/field-id";
import type { Target } from "./editor-store";
import { paneId } from "./pane-tabs";
import { useEditor, useEditorStore } from "./store";
import { targetFields } from "./target-fields";

/** Panels come when they are needed; whoever waits longer has gone elsewhere. */
const patienceMs = 5_000;
const focusable =
  "input:not([type=hidden]),textarea,select,button,[contenteditable=true],[tabindex]:not([tabindex='-1'])";

/** Where the panel of what is selected begins: a field that is nowhere leads there. */
export const panelHeadingId = "editor-panel-heading";

/** What is open above the page keeps the focus until it is closed. */
const above = "[role=dialog],[role=alertdialog]";

/** Focuses the field that somebody was led to, as soon as it is on the page. */
export function TargetFocus() {
  const store = useEditorStore();
  const target = useEditor((state) => state.target);
  useEffect(() => {
    if (!target) return;
    const done = (element: HTMLElement | null) => {
      stop();
      element?.scrollIntoView({ block: "center" });
      element?.focus({ preventScroll: true });
      if (element instanceof HTMLInputElement) element.select();
      if (store.state.target === target) store.set({ target: null });
    };
    const look = () => {
      const element = document.querySelector(above) ? null : fieldElement(target);
      if (element) done(element);
    };
    const observer = new MutationObserver(look);
    // Whoever has gone elsewhere meanwhile stays there.
    const heading = () =>
      document.activeElement === document.body ? document.getElementById(panelHeadingId) : null;
    const timer = setTimeout(() => done(heading()), patienceMs);
    const stop = () => {
      observer.disconnect();
      clearTimeout(timer);
    };
    observer.observe(document.body, { childList: true, subtree: true });
    look();
    return stop;
  }, [store, target]);
  return null;
}

function fieldElement({ itemId, field }: Target): HTMLElement | null {
  if (field === targetFields.panel)
    return document.getElementById(panelHeadingId) ?? document.getElementById(paneId("details"));
  if (field === targetFields.line)
    return document.querySelector<HTMLElement>(`[data-line="${itemId ?? ""}"]`);
  const found = document.getElementById(fieldId(itemId, field));
  if (!found || found.matches(focusable)) return found;
  return found.querySelector<HTMLElement>(focusable);
}
