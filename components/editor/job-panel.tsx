"use client";
import type { ReactNode } from "react";
import { Input } from "@/components/ui/input";
import { setJob } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftJob } from "@/lib/editor/graph";
import { typed } from "@/lib/limits/typed.mjs";
import { EditorField } from "./editor-field";
import { JobActs } from "./job/acts";
import { JobAdaptorFields } from "./job/adaptor";
import { JobCode } from "./job/code";
import { JobCredential } from "./job/credential";
import { JobEdges } from "./job/edges";
import { JobLibrary } from "./job/library";
import { JobRetry } from "./job/retry";
import { useJobAdaptor } from "./job/use-job-adaptor";
import { useEditorStore } from "./store";
import { panelHeadingId } from "./target-focus";

/** Everything about one job of the draft. */
export function JobPanel({ job }: { job: DraftJob }) {
  const store = useEditorStore();
  const found = useJobAdaptor(job);
  return (
    <div className="grid grid-cols-1 gap-5 rounded-lg border bg-card p-4 sm:p-5">
      <h2 id={panelHeadingId} tabIndex={-1} className="font-semibold text-[15px] [overflow-wrap:anywhere]">
        {job.name.trim() || "Job without a name"}
      </h2>
      <EditorField itemId={job.id} field="name" label="Name">
        <Input
          value={job.name}
          onChange={(event) => store.edit(setJob(job.id, { name: event.target.value }), `job:${job.id}:name`)}
          maxLength={typed.itemName}
          autoComplete="off"
        />
      </EditorField>
      <JobAdaptorFields job={job} found={found} />
      <JobCredential job={job} />
      <JobCode job={job} version={found.version} />
      <Part title="When it fails">
        <JobRetry job={job} />
      </Part>
      <Part title="Before and after" id={fieldId(job.id, "edges")}>
        <JobEdges jobId={job.id} />
      </Part>
      <Part title="Library" id={fieldId(job.id, "libraryVersion")}>
        <JobLibrary job={job} />
      </Part>
      <JobActs job={job} />
    </div>
  );
}

function Part({ title, id, children }: { title: string; id?: string; children: ReactNode }) {
  return (
    <section id={id} aria-label={title} className="grid grid-cols-1 gap-3 border-t pt-4">
      <h3 className="font-medium text-sm">{title}</h3>
      {children}
    </section>
  );
}
