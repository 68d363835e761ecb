"use client";
import { type RefObject, useEffect, useRef, useState } from "react";
import { keyInCode } from "@/components/code/job/escape";
import { JobEditor, type JobEditorHandle } from "@/components/code/job-editor";
import type { Present } from "./use-repair";

type Props = {
  projectId: string;
  job: Present["job"];
  value: string;
  onChange: (value: string) => void;
  /** The input of the step that failed. */
  state: unknown;
  line: number | null;
  handle: RefObject<JobEditorHandle | null>;
};

/** The code of the job that failed, at the line that the error points to. */
export function CodeField({ projectId, job, value, onChange, state, line, handle }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [isThere, setThere] = useState(false);
  // Whoever repairs writes at once.
  useEffect(() => {
    if (isThere) handle.current?.focus();
  }, [isThere, handle]);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    // Escape is the code's; pressed again, when nothing was open there, it is the dialog's.
    const mark = (isKept: boolean) => current.toggleAttribute("data-keeps-escape", isKept);
    const handOn = (event: KeyboardEvent) => mark(keyInCode(event));
    const come = () => mark(true);
    current.addEventListener("keydown", handOn);
    current.addEventListener("focusin", come);
    return () => {
      current.removeEventListener("keydown", handOn);
      current.removeEventListener("focusin", come);
    };
  }, []);
  return (
    <div ref={box} data-keeps-escape className="overflow-hidden rounded-md border border-input/70">
      <JobEditor
        {...{ projectId, value, onChange, state, line }}
        handle={(editor) => {
          handle.current = editor;
          setThere(editor !== null);
        }}
        adaptor={job.adaptor}
        adaptorVersion={job.adaptorVersion}
        label={`Code of ${job.name}`}
        height="min(46vh, 32rem)"
      />
    </div>
  );
}
