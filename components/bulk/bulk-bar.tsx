"use client";
import { ListChecks, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { BulkTarget } from "@/lib/words";
import type { Selection } from "./use-selection";
import { countWords } from "./words";

const BulkDialog = dynamic(() => import("./bulk-dialog").then((module) => module.BulkDialog), { ssr: false });

export type BulkBarProps = {
  projectId: string;
  target: BulkTarget;
  selection: Selection;
  /** The rows that are shown, as far as they can be chosen. */
  shown: string[];
  /** The list's filter, where an act can have it: null when only chosen rows can be acted on. */
  filter: Record<string, string> | null;
  /** The job that the filter names. */
  job?: { id: string; name: string } | undefined;
};

/** What can be done with many rows of a list at once: the chosen ones, or all that its filter finds. */
export function BulkBar({ projectId, target, selection, shown, filter, job }: BulkBarProps) {
  const [asked, setAsked] = useState<"chosen" | "all" | null>(null);
  const ids = [...selection.ids];
  const isAllShown = shown.every((id) => selection.ids.has(id));
  const close = () => {
    setAsked(null);
    selection.clear();
  };
  return (
    <div className="mb-3 flex min-h-8 flex-wrap items-center gap-2 text-[13px]">
      {ids.length > 0 ? (
        <>
          <span role="status" className="nums font-medium">
            {countWords(target, ids.length)} chosen
          </span>
          <Button size="sm" onClick={() => setAsked("chosen")}>
            <ListChecks aria-hidden /> Do with them…
          </Button>
          {isAllShown ? null : (
            <Button size="sm" variant="outline" onClick={() => selection.choose(shown)}>
              Choose all shown
            </Button>
          )}
          <Button size="sm" variant="ghost" onClick={selection.clear}>
            <X aria-hidden /> None
          </Button>
        </>
      ) : null}
      {filter ? (
        <Button size="sm" variant="outline" onClick={() => setAsked("all")}>
          <ListChecks aria-hidden />{" "}
          {Object.keys(filter).length === 0 ? "Do with all…" : "Do with all that match…"}
        </Button>
      ) : null}
      {asked ? (
        <BulkDialog
          projectId={projectId}
          of={{ target, ...(asked === "chosen" ? { ids } : { filter: filter ?? {} }) }}
          job={job}
          onClose={() => setAsked(null)}
          onStarted={close}
        />
      ) : null}
    </div>
  );
}
