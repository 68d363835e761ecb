import type { Ref } from "react";

/** Why code does not compile. `line` and `column` count from 1. */
export type CodeProblem = { message: string; line: number; column: number };

export type JobEditorHandle = {
  /** Hands on at once what was typed last. */
  flush(): void;
  /** Scrolls to a line, from 1, and marks it. */
  showLine(line: number): void;
  focus(): void;
};

export type JobEditorProps = {
  value: string;
  /** Told of a pause in typing (0.3 s), when the field is left, and by `flush`: never at each key. */
  onChange(value: string): void;
  /** As the job names it: `@openfn/language-http@latest`. */
  adaptor: string;
  /** What it is pinned to, where that is known; else what `adaptor` says, else the newest that is used. */
  adaptorVersion?: string | null | undefined;
  projectId: string;
  /** A state as the job would get it; `state.` is completed from it. */
  state?: unknown;
  /** Scrolled to and marked, from 1. */
  line?: number | null | undefined;
  /** Accessible name. */
  label: string;
  /** Told of the first problem that keeps the code from compiling, and of null when there is none (any more). */
  onProblem?: (problem: CodeProblem | null) => void;
  /** Of the element that takes the text, for links and focus. */
  id?: string | undefined;
  height?: string | undefined;
  readOnly?: boolean;
  handle?: Ref<JobEditorHandle> | undefined;
};
