import type { StepSummary } from "@/lib/domain/run/types";
import type { ExitReason, JobStateResult, MessageFormat, MessageSource, RunState } from "@/lib/words";
import type { Json } from "@/lib/workflow/types";

/** The last finished execution of one job for one message (seed 1), as the inbox shows it. */
export type JobState = {
  jobId: string;
  jobName: string;
  workflowId: string;
  workflowName: string;
  result: JobStateResult;
  exitReason: ExitReason | null;
  errorType: string | null;
  /** Another execution of the same job for this message is under way. */
  running: boolean;
  runId: string | null;
  stepId: string | null;
  finishedAt: string | null;
};

/** One row of the inbox. Dates are ISO strings. */
export type MessageRow = {
  id: string;
  receivedAt: string;
  source: MessageSource;
  triggerId: string | null;
  method: string;
  contentType: string | null;
  format: MessageFormat;
  size: number;
  preview: string;
  resentFrom: string | null;
  jobStates: JobState[];
  /** Workflows whose work order has not started a job yet. */
  waiting: { workflowId: string; workflowName: string; state: RunState }[];
  /** Nothing matched: kept, and can be processed by hand. */
  unmatched: boolean;
};

export type MessageDetail = MessageRow & {
  projectId: string;
  path: string[];
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  /** The body as text, or base64 when it is not UTF-8. Cut at `bodyShownBytes`; the whole is a download away. */
  body: { encoding: "text" | "base64"; content: string; truncated: boolean };
  /** JSON view, when the body has one and is small enough to show as a tree. */
  view: Json | undefined;
  sentBy: string | null;
  resends: { id: string; receivedAt: string }[];
  workOrders: WorkOrderDetail[];
  /** Jobs of the project that could process this message by hand, grouped by workflow. */
  workflows: { id: string; name: string; jobs: { id: string; name: string }[] }[];
  /** Neighbours under the filter the list had: `newer` is one up. */
  newer: string | null;
  older: string | null;
};

export type WorkOrderDetail = {
  id: string;
  workflowId: string;
  workflowName: string;
  state: RunState;
  createdAt: string;
  runs: RunWithSteps[];
};

export type RunWithSteps = {
  id: string;
  /** 1 for the first attempt of its work order. */
  attempt: number;
  state: RunState;
  errorType: string | null;
  errorMessage: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  startingJobId: string | null;
  createdBy: string | null;
  steps: StepSummary[];
};
