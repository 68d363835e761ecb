import type { Connection, StepError, WouldBeRequest } from "@/lib/runner/contract";
import type { ExitReason, LogLevel, LogSource, Priority, RunState } from "@/lib/words";
import type { WorkflowGraph } from "@/lib/workflow/types";

/** One step without its payloads. `exitReason` null = still running. Dates are ISO strings. */
export type StepSummary = {
  id: string;
  runId: string;
  ordinal: number;
  jobId: string;
  jobName: string;
  adaptor: string;
  credentialName: string | null;
  exitReason: ExitReason | null;
  error: StepError | null;
  startedAt: string;
  finishedAt: string | null;
  durationMs: number | null;
  peakMemoryMb: number | null;
  logLines: number;
  connections: Connection[];
  hasInput: boolean;
  hasOutput: boolean;
  /** Belongs to an earlier run that this one continues; it was not executed again. */
  linked: boolean;
};

/** One row of the activity history. */
export type RunRow = {
  id: string;
  state: RunState;
  workflowId: string;
  workflowName: string;
  workOrderId: string;
  messageId: string | null;
  priority: Priority;
  errorType: string | null;
  errorMessage: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  steps: { id: string; jobId: string; jobName: string; exitReason: ExitReason | null }[];
};

export type RunDetail = RunRow & {
  projectId: string;
  attempt: number;
  startingTriggerId: string | null;
  startingJobId: string | null;
  createdBy: string | null;
  cancelRequestedAt: string | null;
  /** The version that runs, not the one being edited. */
  snapshot: { id: string; lockVersion: number; isLatest: boolean; graph: WorkflowGraph };
  detailedSteps: StepSummary[];
};

export type LogRow = { seq: number; at: string; level: LogLevel; source: LogSource; message: string };

/** What a dry run came to. `output` is the state handed on as JSON text, null when the job aborted. */
export type DryRun = {
  reason: ExitReason;
  error: StepError | null;
  output: string | null;
  logs: LogRow[];
  /** In the order of sending; secrets are masked. */
  requests: WouldBeRequest[];
  /** Connections that could not be recorded, such as a database's: they were refused. */
  connections: Connection[];
  durationMs: number;
};
