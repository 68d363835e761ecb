import type { ExitReason, JobStateWord } from "@/lib/words";
import { jobStateWord } from "./outcome";

/** One execution of a job for a message. `reason` and `finishedAt` are set together when it ends; `handled` follows. */
export type Execution = {
  id: string;
  startedAt: Date;
  finishedAt: Date | null;
  reason: ExitReason | null;
  /** It failed, and another step of its run was started because of it. */
  handled?: boolean;
};

export type FinishedExecution = Execution & { finishedAt: Date; reason: ExitReason };

export type JobState = {
  result: JobStateWord;
  /** The execution that finished last, whose result stands beside an execution under way; null while there is none. */
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
  const result = jobStateWord({ running, exitReason: last?.reason ?? null, handled: last?.handled ?? false });
  return { result, decidedBy: last, running };
}
