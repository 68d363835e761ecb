"use client";
import { type RefObject, useEffect, useRef, useState } from "react";
import { JobEditor, type JobEditorHandle } from "@/components/code/job-editor";
import { useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { setJob } from "@/lib/editor/edits";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftJob } from "@/lib/editor/graph";

/** The job's code. The draft gets it after a pause in typing, and before it is saved, run or left. */
export function JobCode({ job, version }: { job: DraftJob; version: string | null }) {
  const { id, name, body, adaptor, libraryJobId } = job;
  const store = useEditorStore();
  const sample = useEditor((state) => state.sample);
  const { projectId } = useEditorPlace();
  const handle = useRef<JobEditorHandle>(null);
  const line = useLine(id, handle);
  // What the compiler says stands in the editor, at its line.
  const problem = useEditor(({ problems }) => {
    const ofCode = problems.find((one) => one.itemId === id && one.field === "body");
    return ofCode && ofCode.line === undefined ? ofCode.message : null;
  });
  useEffect(() => store.onTakeIn(() => handle.current?.flush()), [store]);
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <span className="font-medium text-sm">Code</span>
      <div className="overflow-hidden rounded-md border">
        <JobEditor
          handle={handle}
          id={fieldId(id, "body")}
          value={body}
          onChange={(code) => store.edit(setJob(id, { body: code }), `job:${id}:body`)}
          onProblem={(problem) => store.setCompile(id, problem)}
          adaptor={adaptor}
          adaptorVersion={version}
          readOnly={libraryJobId !== null}
          projectId={projectId}
          state={sample ?? undefined}
          line={line}
          label={`Code of ${name || "the job"}`}
        />
      </div>
      {problem ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

/** The line that somebody was led to last. One that is open already is shown again. */
function useLine(jobId: string, handle: RefObject<JobEditorHandle | null>): number | null {
  const target = useEditor((state) => state.target);
  const wanted = target?.itemId === jobId && target.field === "body" ? target.line : null;
  const [line, setLine] = useState(wanted);
  if (wanted !== null && wanted !== line) setLine(wanted);
  useEffect(() => {
    if (wanted !== null) handle.current?.showLine(wanted);
  }, [wanted, handle]);
  return line;
}
