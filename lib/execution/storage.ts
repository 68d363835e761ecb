import type { StoredBody } from "@/lib/body/stored";
import type { QueuedRun } from "@/lib/queue/queue";
import type { LogLine, StepResult } from "@/lib/runner/contract";
import type { Kept, StoredState } from "@/lib/state/kept";
import type { ExitReason, FinalRunState } from "@/lib/words";
import type { MessageInput } from "@/lib/workflow/message-state";
import type { WorkflowGraph } from "@/lib/workflow/types";

/**
 * Where runs and their steps are kept. Steps are started and completed many at a time, one statement and one commit for
 * all: whoever has one alone gives a list of one. Answers come in the order of what was asked, each with its own verdict,
 * so that one never decides about another.
 */
export type ExecutionStorage = {
  /**
   * Null in the place of a run that is unknown or final, or waits in a project that is being deleted: there is nothing to do.
   */
  loadRuns(runIds: string[]): Promise<(StoredRun | null)[]>;
  /** A version of a workflow. Throws when there is none. */
  loadGraph(projectId: string, snapshotId: string): Promise<WorkflowGraph>;
  /** Writes the rows before the jobs run. A row is the fence: only who is answered `started` may run the job. */
  startSteps(starts: StepStart[]): Promise<Started[]>;
  /** The jobs never left our hands: takes the fences away so that a later delivery may start them. */
  withdrawSteps(stepIds: string[]): Promise<void>;
  /** How steps ended: output, error, job state, and the end of the run when it was the last. A second time changes nothing. */
  completeSteps(completions: Completion[]): Promise<Completed[]>;
  /** Ends runs that have no running step. False in the place of one that had ended. */
  endRuns(ends: { runId: string; end: RunEnd }[]): Promise<boolean[]>;
  /** A stored state; null when there is none. */
  readState(projectId: string, dataclipId: string): Promise<StoredState | null>;
  /** A message's body as it is stored; null when it is gone. */
  readBody(projectId: string, messageId: string): Promise<StoredBody | null>;
  /** Stores lines of a step's log; storing one twice is harmless. */
  appendLog(stepId: string, lines: LogLine[]): Promise<void>;
  runningSteps(runId: string): Promise<string[]>;
  /** Steps of running runs that began before `before`; at most 200. */
  overdueSteps(before: Date): Promise<OverdueStep[]>;
  /** Asks again for runs for which nothing was sent since `minutes`. */
  requestStranded(minutes: number): Promise<QueuedRun[]>;
  /**
   * Queues a run of every cron trigger that is due and says when each fires next, in one transaction: a tick is never
   * fired twice, and one that was missed while nothing ran is made up for once. `next` says the time after `now`.
   */
  fireDueTriggers(now: Date, next: (cronExpression: string) => Date | null): Promise<QueuedRun[]>;
};

/** Input, version and place of a run, as they are stored. */
export type StoredRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  snapshotId: string;
  startingTriggerId: string | null;
  startingJobId: string | null;
  /** Set when the input is a stored state. */
  dataclipId: string | null;
  clip: StoredState | null;
  /** The message, when it is the input and still there. */
  message: MessageInput | null;
  /** Hosts that the project allows, null = any public one. */
  onlyHosts: string[] | null;
};

export type StepStart = {
  runId: string;
  projectId: string;
  workflowId: string;
  messageId: string | null;
  jobId: string;
  jobName: string;
  /** `name@version`. */
  adaptor: string;
  ordinal: number;
  /** Ordinal of the step that it follows; null at the beginning. When that one failed, its failure counts as handled. */
  follows: number | null;
  inputDataclipId: string | null;
};

/** A step's row. */
export type StepRow = {
  id: string;
  startedAt: Date;
  finishedAt: Date | null;
  exitReason: ExitReason | null;
  errorType: string | null;
  errorMessage: string | null;
  takenEdges: string[] | null;
  outputDataclipId: string | null;
};

export type Started =
  | { kind: "started"; step: StepRow }
  /** An earlier delivery of this attempt started it. It must not run again. */
  | { kind: "known"; step: StepRow }
  /** The run was cancelled, or is final. */
  | { kind: "closed" };

export type RunEnd = { state: FinalRunState; errorType: string | null; errorMessage: string | null };

export type Completion = {
  stepId: string;
  result: StepResult;
  /** What to store of its output. */
  kept: Kept | null;
  takenEdges: string[];
  logLines: number;
  credentialName: string | null;
  /** Set when this step was the run's last. */
  runEnd: RunEnd | null;
};

/** `outputDataclipId` is what is stored, whoever stored it. */
export type Completed = { outputDataclipId: string | null; wasFirst: boolean };

export type OverdueStep = {
  id: string;
  runId: string;
  projectId: string;
  messageId: string | null;
  logLines: number;
};
