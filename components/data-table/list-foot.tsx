"use client";
import { ArrowUp } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ClockTime } from "@/components/ui/relative-time";

export type ListFootProps = {
  hasOlder: boolean;
  isLoading: boolean;
  onOlder: () => void;
  end: string;
  older?: string;
  /** ISO: how far back a search has come. */
  searchedTo?: string;
};

/** The end of a list: the way to older rows, or the word that there are none. */
export function ListFoot({
  hasOlder,
  isLoading,
  onOlder,
  end,
  older = "Show older",
  searchedTo,
}: ListFootProps) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-2 py-4 text-muted-foreground text-xs">
      {hasOlder && searchedTo ? (
        <p>
          Searched back to <ClockTime value={searchedTo} />
        </p>
      ) : null}
      {hasOlder ? (
        <Button variant="outline" onClick={onOlder} disabled={isLoading}>
          {isLoading ? "Loading…" : older}
        </Button>
      ) : (
        <p>{end}</p>
      )}
    </div>
  );
}

/** New rows wait above; the reader decides when the list moves. */
export function HeldRows({
  count,
  word,
  noun,
  onShow,
}: {
  count: number;
  /** The count as text. */
  word: string;
  noun: string;
  onShow: () => void;
}) {
  return (
    <div aria-live="polite" className="sticky top-15 z-20 flex h-0 justify-center sm:top-25 lg:top-15">
      {count > 0 ? (
        <Button size="sm" onClick={onShow} className="rounded-full px-3 shadow-pop">
          <ArrowUp aria-hidden />
          {word} new {count === 1 ? noun : `${noun}s`}
        </Button>
      ) : null}
    </div>
  );
}

/** True while the reader is at the top of the page. */
export const isPageAtTop = (): boolean => window.scrollY < 80;
