"use client";
import { usePathname, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { addressOf } from "./link-click";

/** A link that led to no other page by then was a download, or nobody answers: the notice about the connection says so. */
const longestMs = 20_000;

/** A line along the top from the click on a link until the page it leads to, or what stands for that, is there. */
export function NavigationPending() {
  const here = `${usePathname()}?${useSearchParams()}`;
  const [leaves, setLeaves] = useState<string | null>(null);
  useEffect(() => {
    const click = (event: MouseEvent) => {
      const to = addressOf(event);
      // Whoever asks about unsaved texts has stopped it before, at the window.
      if (!to || event.defaultPrevented) return;
      if (to.pathname !== location.pathname || to.search !== location.search) setLeaves(here);
    };
    document.addEventListener("click", click, { capture: true });
    return () => document.removeEventListener("click", click, { capture: true });
  }, [here]);
  const isPending = leaves === here;
  useEffect(() => {
    if (!isPending) return;
    const timer = setTimeout(() => setLeaves(null), longestMs);
    return () => clearTimeout(timer);
  }, [isPending]);
  if (!isPending) return null;
  return (
    <div
      role="progressbar"
      aria-label="Loading the page"
      className="pointer-events-none fixed inset-x-0 top-0 z-60 h-0.5 overflow-hidden"
    >
      <div className="h-full w-2/5 animate-pending bg-accent" />
    </div>
  );
}
