"use client";
import { type RefObject, useRef, useState } from "react";

/**
 * Gives the focus back to what had it when a dialog opened: Radix itself knows only a trigger, which a key press has not.
 * `before` is for a `FocusBefore` within the dialog.
 */
export function useReturnFocus() {
  const before = useRef<Element | null>(null);
  const handlers = {
    onOpenAutoFocus: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      const { current } = before;
      if (!(current instanceof HTMLElement) || !current.isConnected || current === document.body) return;
      event.preventDefault();
      current.focus();
    },
  };
  return { before, handlers };
}

/** Notes what has the focus before the dialog's own contents can take it: where they do, Radix says nothing. */
export function FocusBefore({ into }: { into: RefObject<Element | null> }) {
  useState(() => {
    into.current = document.activeElement;
  });
  return null;
}
