/** What is inside the frames. Types only; `from-worker.ts` checks those that come from the worker. */
import type { MessageBytes, WouldBeRequest } from "@/lib/runner/contract";

export type LoadHeader = {
  name: string;
  version: string;
  ownBytes: number;
  chunks: { key: string; codeBytes: number; cacheBytes: number }[];
  warm: string[];
  /** Ask for exports and V8 code caches in the answer. Only the build step does. */
  inspect: boolean;
  /** Besides the one that the worker has. */
  isExtra?: true;
};

export type RunHeader = {
  token: number;
  /** Text of `async (__ops, __import, __dimp, __defer) => {…}` with the job's first line on its second. */
  code: string;
  configuration: Record<string, unknown> | null;
  /** How many of the bytes after the header are the message's, behind the state: as sent, then without codings. */
  message?: { bodyBytes: number; plainBytes: number; files: MessageBytes["files"] };
  maxStateBytes: number;
  maxLogLines: number;
  maxLogBytes: number;
  /** Requests are kept as records and answered with an empty success instead of being sent. */
  record: boolean;
};

export type EvaluateHeader = {
  token: number;
  /** `code` is the text of a function of `state`. */
  conditions: { id: string; code: string }[];
};

export type NetEvent =
  | { kind: "open"; id: number; address: string }
  | { kind: "error"; id: number; code: string; message: string; address: string | null }
  | { kind: "end"; id: number }
  | { kind: "close"; id: number }
  | { kind: "credit"; id: number; bytes: number }
  | { kind: "names"; id: number; answer: unknown[] }
  | { kind: "namesError"; id: number; code: string; message: string };

export type NetRequest =
  | { kind: "open"; id: number; host: string; port: number }
  | { kind: "end"; id: number }
  | { kind: "close"; id: number }
  | { kind: "credit"; id: number; bytes: number }
  | { kind: "names"; id: number; host: string; record: NameRecord };

export const nameRecords = ["A", "AAAA", "SRV", "TXT", "CNAME", "MX"] as const;
export type NameRecord = (typeof nameRecords)[number];

/** An error as the worker describes it: names and texts, no objects of the job. */
export type DescribedError = {
  name: string;
  /** Name of its constructor: realm-safe, and harder to fake by accident than `name`. */
  constructorName: string;
  message: string;
  stack: string;
  /** How far the step had come. `async` = nobody waited for it. */
  phase: "load" | "body" | "operations" | "result" | "async";
  /** Index of the operation that was running, or -1. */
  operation: number;
  details?: unknown;
  /** A short way out, when the worker knows one. */
  hint?: string;
};

export type ReadyMessage = {
  error: DescribedError | null;
  exports: string[] | null;
  /** Key → base64. */
  caches: Record<string, string> | null;
};

export type LogMessage = { token: number; level: string; source: "JOB" | "ADA"; at: number; message: string };

export type DoneHeader = {
  token: number;
  ok: boolean;
  durationMs: number;
  error: DescribedError | null;
  /** Requests that `record` kept. */
  requests: WouldBeRequest[];
};

/** Sent in the turn that begins the job, before it: nothing keeps this worker from running it. */
export type BegunMessage = { token: number };

/** Nothing of what it was asked for keeps this worker from the next: a turn of its event loop has passed since. */
export type RestedMessage = { token: number };

/** While a step runs, something that an earlier one left runs now, or has let go of the process again. */
export type StrayMessage = { isOver: boolean };

export type EvaluatedMessage = {
  token: number;
  results: Record<string, boolean | { name: string; message: string }>;
};

/** Bytes either end may send on a connection before it is granted more. */
export const connectionWindowBytes = 256 * 1024;
/** A receiver grants again when it has consumed this much. */
export const creditStepBytes = 64 * 1024;
/** Longest run of connection bytes in one frame. */
export const maxDataBytes = 64 * 1024;

export const maxLogMessageChars = 64 * 1024;
