"use client";
import { type RefObject, useRef, useState } from "react";

/**
 * Gives the focus back to what had it when a dialog opened: Radix itself knows only a trigger, which a key press has not.
 * `before` is for a `FocusBefore` within the dialog.
 */
export function useReturnFocus() {
  const before = useRef<Element | null>(null);
  const handlers = {
    onCloseAutoFocus: (event: Event) => {
      stayElsewhere(event);
      if (event.defaultPrevented) return;
      const { current } = before;
      if (!(current instanceof HTMLElement) || !current.isConnected || current === document.body) return;
      event.preventDefault();
      current.focus();
    },
  };
  return { before, handlers };
}

/** When something closes: whoever was led elsewhere from within it stays there. */
export function stayElsewhere(event: Event): void {
  const { activeElement } = document;
  if (activeElement && activeElement !== document.body) event.preventDefault();
}

/**
 * Notes what has the focus before the dialog's own contents can take it: where they do, Radix says nothing. Of a menu, which
 * goes with the choice that opened the dialog, it is the menu's button.
 */
export function FocusBefore({ into }: { into: RefObject<Element | null> }) {
  useState(() => {
    const { activeElement } = document;
    const menu = activeElement?.closest("[role=menu]");
    into.current = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : activeElement;
  });
  return null;
}
