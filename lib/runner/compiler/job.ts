import type { AnyNode } from "acorn";
import type MagicString from "magic-string";
import { CompileError, type CompileErrorType } from "./errors";
import type { Lines } from "./positions";
import type { Scopes } from "./scopes";
import type { Tree } from "./tree";

/** The names by which compiled code reaches what the worker passes to it. */
export type Given = { operations: string; load: string; loadLater: string; defer: string };

/** One job on its way through the passes. */
export type Job = {
  source: string;
  tree: Tree;
  scopes: Scopes;
  lines: Lines;
  edits: MagicString;
  given: Given;
  adaptor: string;
  exports: ReadonlySet<string>;
  /** What every job has besides; null when it is the own adaptor. */
  also: { adaptor: string; exports: ReadonlySet<string> } | null;
  /** Nodes that hold an `await` outside every function. */
  awaiting: ReadonlySet<AnyNode>;
  /** Arguments that became functions of state. */
  lazyArguments: Set<AnyNode>;
};

/** An error at a node; OpenFn's `(line:column)` with columns from 0 is appended when asked for. */
export function errorAt(
  job: Pick<Job, "lines">,
  node: AnyNode,
  type: CompileErrorType,
  message: string,
  more: { name?: string; hint?: string; withPlace?: boolean } = {},
): CompileError {
  const { line, column } = job.lines.at(node.start);
  return new CompileError(
    type,
    more.withPlace ? `${message} (${line}:${column - 1})` : message,
    line,
    column,
    more,
  );
}

/** Replaces a range by one that has the same line breaks, so that no later line moves. */
export function blank(job: Pick<Job, "source" | "edits">, start: number, end: number, text = "") {
  if (start >= end) return;
  job.edits.update(start, end, text + job.source.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, ""));
}
