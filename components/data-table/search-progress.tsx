"use client";
import { LoaderCircle } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { Button } from "@/components/ui/button";
import { ClockTime } from "@/components/ui/relative-time";

export type SearchProgressProps = {
  noun: string;
  /** ISO: how far back it has come; null while that is not known. */
  searchedTo: string | null;
  onStop: () => void;
};

/** A search that is under way: how far back it has come, and the way to stop it, by Escape, too, wherever the focus is. */
export function SearchProgress({ noun, searchedTo, onStop }: SearchProgressProps) {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu],[role=listbox]")) return;
    // What is searched for stays.
    event.preventDefault();
    onStop();
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-2 py-4 text-muted-foreground text-xs">
      <p className="inline-flex items-center gap-2">
        <LoaderCircle aria-hidden className="size-3.5 animate-spin motion-reduce:animate-none" />
        <span role="status">Searching older {noun}s …</span>
        {searchedTo ? (
          <span>
            back to <ClockTime value={searchedTo} />
          </span>
        ) : null}
      </p>
      <Button variant="outline" aria-keyshortcuts="Escape" title="Stop the search (Escape)" onClick={onStop}>
        Stop
      </Button>
    </div>
  );
}
