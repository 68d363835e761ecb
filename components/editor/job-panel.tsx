"use client";
import { Input } from "@/components/ui/input";
import { setJob } from "@/lib/editor/edits";
import type { DraftJob } from "@/lib/editor/graph";
import { limits } from "@/lib/limits";
import { EditorField } from "./editor-field";
import { JobCode } from "./job/code";
import { useEditorStore } from "./store";
import { panelHeadingId } from "./target-focus";

/** Everything about one job of the draft. */
export function JobPanel({ job }: { job: DraftJob }) {
  const store = useEditorStore();
  return (
    <div className="grid grid-cols-1 gap-4">
      <h2 id={panelHeadingId} tabIndex={-1} className="font-semibold text-[15px]">
        {job.name.trim() || "Job without a name"}
      </h2>
      <EditorField itemId={job.id} field="name" label="Name">
        <Input
          value={job.name}
          onChange={(event) => store.edit(setJob(job.id, { name: event.target.value }), `job:${job.id}:name`)}
          maxLength={limits.itemName}
          autoComplete="off"
        />
      </EditorField>
      <JobCode job={job} />
    </div>
  );
}
