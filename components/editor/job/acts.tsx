"use client";
import { Copy, Trash2 } from "lucide-react";
import { useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { duplicateJob, edgesTo, remove } from "@/lib/editor/edits";
import type { DraftJob } from "@/lib/editor/graph";
import { newTimeOrderedId } from "@/lib/time-ordered-id";

/** A second one like it, or none: both can be undone. */
export function JobActs({ job }: { job: DraftJob }) {
  const store = useEditorStore();
  const duplicate = () => {
    store.takeIn();
    const copyId = newTimeOrderedId();
    const edgeIds = edgesTo(store.draft, job.id).map(() => newTimeOrderedId());
    store.edit(duplicateJob(job.id, copyId, edgeIds));
    store.select({ kind: "job", id: copyId });
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Button variant="outline" size="sm" onClick={duplicate}>
        <Copy aria-hidden /> Duplicate job
      </Button>
      <Button variant="outline" size="sm" onClick={() => store.edit(remove({ kind: "job", id: job.id }))}>
        <Trash2 aria-hidden /> Delete job
      </Button>
    </div>
  );
}
