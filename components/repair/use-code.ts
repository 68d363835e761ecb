"use client";
import { useRef, useState } from "react";
import { useUnsaved } from "@/components/unsaved/place";
import type { WorkflowDetail } from "@/lib/domain/workflow/get";
import type { JobNode } from "@/lib/workflow/types";
import { mergeCode } from "./code-change";

/** The code that is being written, and the version of the workflow that it is a change of. */
export type Code = {
  text: string;
  set: (text: string) => void;
  /** What was set last, also before it is rendered. */
  latest: () => string;
  base: string;
  lockVersion: number;
  isChanged: boolean;
  /** It is this version now. */
  saved: (lockVersion: number) => void;
  /** What came between: another version, taken into the code. */
  news: News | null;
};

export type News = {
  version: number;
  savedJob: boolean;
  collisions: number;
  /** The job's code before and after what somebody else saved. */
  before: string;
  after: string;
};

/**
 * Keeps what is typed. When another version of the workflow is loaded, what it changed in the job's code is taken in; where
 * both changed the same lines, what is typed stands.
 */
export function useCode(workflow: WorkflowDetail, job: JobNode): Code {
  const [text, setText] = useState(job.body);
  const last = useRef(text);
  const set = (next: string) => {
    last.current = next;
    setText(next);
  };
  const [base, setBase] = useState({ body: job.body, lockVersion: workflow.lockVersion });
  const [news, setNews] = useState<News | null>(null);
  if (workflow.lockVersion > base.lockVersion) {
    const { code, collisions } = mergeCode(base.body, text, job.body);
    setNews({
      version: workflow.lockVersion,
      savedJob: job.body !== base.body,
      collisions,
      before: base.body,
      after: job.body,
    });
    setBase({ body: job.body, lockVersion: workflow.lockVersion });
    set(code);
  }
  useUnsaved(text !== base.body);
  return {
    text,
    set,
    latest: () => last.current,
    base: base.body,
    lockVersion: base.lockVersion,
    isChanged: text !== base.body,
    saved: (lockVersion) => {
      setBase({ body: last.current, lockVersion });
      setNews(null);
    },
    news,
  };
}
