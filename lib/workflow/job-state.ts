import type { ExitReason, JobStateResult } from "@/lib/words";
import { reasons } from "./status";

/** One execution of a job for a message. `reason` and `finishedAt` are set together when it ends. */
export type Execution = {
  id: string;
  startedAt: Date;
  finishedAt: Date | null;
  reason: ExitReason | null;
};

export type FinishedExecution = Execution & { finishedAt: Date; reason: ExitReason };

export type JobState = {
  result: JobStateResult;
  /** The execution that decided; null while none has finished. */
  decidedBy: FinishedExecution | null;
  running: number;
};

export const isFinished = (execution: Execution): execution is FinishedExecution =>
  execution.finishedAt !== null && execution.reason !== null;

/** Orders finished executions: by finish, ties by start, then by id. The greatest decides. */
export function compareFinished(a: FinishedExecution, b: FinishedExecution): number {
  return (
    a.finishedAt.getTime() - b.finishedAt.getTime() ||
    a.startedAt.getTime() - b.startedAt.getTime() ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/**
 * The same order as a row for SQL: `newerRow("new") > newerRow("old")` says that `new` decides. Postgres compares
 * uuids byte by byte, which is the order of their lower-case text.
 */
export const newerRow = (alias: string, idColumn = "id") =>
  `(${alias}.finished_at, ${alias}.started_at, ${alias}.${idColumn})`;

/** Seed 1's rule for one message and job. Returns null when the job was never started for the message. */
export function jobState(executions: readonly Execution[]): JobState | null {
  if (executions.length === 0) return null;
  const finished = executions.filter(isFinished);
  const running = executions.length - finished.length;
  const last = finished.reduce<FinishedExecution | null>(
    (best, one) => (best === null || compareFinished(one, best) > 0 ? one : best),
    null,
  );
  return { result: last ? reasons[last.reason].jobState : "in_progress", decidedBy: last, running };
}
