"use client";
import { ConnectionWatch, tickMs } from "./watch";

/** Any answer will do, so the cheapest thing there is. */
const ask = (signal: AbortSignal) => fetch("/icon.svg", { method: "HEAD", cache: "no-store", signal });

/** This page's connection to the server. */
export const connection = new ConnectionWatch({
  ask,
  now: () => Date.now(),
  // Where there is no browser, there is nothing that could say no.
  isNetworkUp: () => globalThis.navigator?.onLine !== false,
});

/** Begins to watch; returns what ends it. Nothing is asked while nobody looks at the page. */
export function watchConnection(): () => void {
  const tick = () => {
    if (document.visibilityState === "visible") connection.tick();
  };
  const suspect = () => void connection.suspect();
  const timer = setInterval(tick, tickMs);
  document.addEventListener("visibilitychange", tick);
  for (const name of ["online", "offline"] as const) window.addEventListener(name, suspect);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
    for (const name of ["online", "offline"] as const) window.removeEventListener(name, suspect);
  };
}
