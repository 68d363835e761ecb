"use client";
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import { toast } from "./toast";

/** A part of pages that is loaded when somebody is about to want it. */
export type Late<Part> = {
  /** Undefined until it is loaded. */
  now: () => Part | undefined;
  load: () => Promise<void>;
  /** The same for whoever may want it soon: what goes wrong is said to who wants it. */
  foresee: () => void;
  subscribe: (listener: () => void) => () => void;
};

export function late<Part>(get: () => Promise<Part>): Late<Part> {
  let part: Part | undefined;
  let loading: Promise<void> | undefined;
  const listeners = new Set<() => void>();
  const load = () => {
    loading ??= get().then(
      (loaded) => {
        part = loaded;
        for (const listener of listeners) listener();
      },
      (error) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  return {
    now: () => part,
    load,
    foresee: () => void load().catch(() => {}),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const nothing = () => undefined;

/** The part, as soon as it is there. */
export const useLoaded = <Part>(part: Late<Part>): Part | undefined =>
  useSyncExternalStore(part.subscribe, part.now, nothing);

/**
 * The part once it was wanted and is there. It waits with whoever wants it: nothing around it is hidden meanwhile, and a
 * press is not lost. When it cannot be loaded, that is said, and `giveUp` is called.
 */
export function useLate<Part>(part: Late<Part>, isWanted: boolean, giveUp: () => void): Part | undefined {
  const loaded = useLoaded(part);
  const [wasWanted, setWasWanted] = useState(isWanted);
  if (isWanted && !wasWanted) setWasWanted(true);
  const fail = useEffectEvent(() => {
    giveUp();
    toast.error("The rest of this page could not be loaded. Check the connection and try again.");
  });
  useEffect(() => {
    if (isWanted) part.load().catch(fail);
  }, [isWanted, part]);
  return wasWanted ? loaded : undefined;
}
