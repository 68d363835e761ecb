import type { DescribedError } from "@/lib/runner/protocol/messages";

/** Why a worker is no more. `killed` carries the cause given to `kill`. */
export type WorkerEnd =
  | { kind: "killed"; cause: KillCause }
  | { kind: "crashed"; error: DescribedError }
  | { kind: "out-of-memory" }
  | { kind: "violation"; message: string }
  | { kind: "exited"; code: number | null; signal: string | null; stderr: string };

/** What ended a worker on purpose: the type and message of the step's error. */
export type KillCause = { type: string; message: string };

/** It was given its time to boot. */
export const neverBooted: KillCause = { type: "Lost", message: "The worker did not boot in time" };

/** A worker ended before it answered. */
export class WorkerEndedError extends Error {
  constructor(readonly end: WorkerEnd) {
    super(`The worker ended: ${end.kind}`);
    this.name = "WorkerEndedError";
  }
}

/** It ended before it said that it begins: nothing of what it was asked for has happened, and another may be asked. */
export class NotBegunError extends WorkerEndedError {
  constructor(end: WorkerEnd) {
    super(end);
    this.name = "NotBegunError";
  }
}

/** What kept a worker from its work, for logs. */
export function reasonOfEnd(end: WorkerEnd): string {
  switch (end.kind) {
    case "killed":
      return end.cause.message;
    case "crashed":
      return end.error.message;
    case "violation":
      return end.message;
    case "exited":
      return `it ended by itself (${end.signal ?? `code ${end.code}`}): ${end.stderr.trim().slice(0, 200)}`;
    default:
      return end.kind;
  }
}

const outOfMemory =
  /heap out of memory|out of memory|memory allocation of|Cannot allocate|bad_alloc|OOM|Failed to reserve/i;

/** Whether a process's last words say that it had no memory left. */
export const isOutOfMemory = (stderr: string): boolean => outOfMemory.test(stderr);
