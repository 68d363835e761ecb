import type { StoredBody } from "@/lib/body/stored";
import type { Placed } from "@/lib/payloads/read";
import type { QueuedRun } from "@/lib/queue/queue";
import type { Connection, LogLine, StepError, StepResult } from "@/lib/runner/contract";
import type { Kept, StoredState } from "@/lib/state/kept";
import type { ExitReason, FinalRunState, Persistence } from "@/lib/words";
import type { Schedule } from "@/lib/workflow/cron";
import type { MessageInput } from "@/lib/workflow/message-state";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { WebhookResponse } from "@/lib/workflow/webhook-response";

/**
 * Where runs and their steps are kept. Steps are started and completed many at a time, one statement and one commit for
 * all: whoever has one alone gives a list of one. Answers come in the order of what was asked, each with its own verdict,
 * so that one never decides about another.
 *
 * Whoever changes a run or a step says under which epoch it has it. A run that was taken over has a higher one, and what
 * is said under an older one changes nothing: `superseded`.
 */
export type ExecutionStorage = {
  /**
   * Null in the place of a run that is unknown or final, waits in a project that is being deleted, or must not start yet:
   * there is nothing to do. One of a workflow that is paused is kept until that goes on.
   */
  loadRuns(runIds: string[]): Promise<(StoredRun | null)[]>;
  /** A version of a workflow. Throws when there is none. */
  loadGraph(projectId: string, snapshotId: string): Promise<WorkflowGraph>;
  /**
   * Takes over a run that has begun, and the step that runs: nobody else's word counts from now on. Null when it has
   * ended, or waits on purpose by now.
   */
  takeOver(runId: string, executorId: string): Promise<TakenOver | null>;
  /**
   * Writes the rows before the jobs run. A row is the fence: only who is answered `started` may run the job. The first
   * step of a run opens it: the run is the executor's from then on, under the epoch of the step.
   */
  startSteps(starts: StepStart[]): Promise<Started[]>;
  /** Makes a step that runs this executor's: one that an older one wrote while it was superseded. False when it has ended. */
  adoptStep(held: HeldStep): Promise<boolean>;
  /** The step goes to this life of a runner; the one that it was meant for did not start it. */
  moveStep(held: HeldStep & { runnerId: string | null }): Promise<Moved>;
  /**
   * An attempt has failed and another is to follow: it is written down, and the run handed back to the queue for then.
   * Nobody has either until then.
   */
  pauseStep(pause: StepPause): Promise<Paused>;
  /** The next attempt begins: it goes to this life of a runner, or to one to be found, under a name of its own. */
  beginAttempt(held: HeldStep & { runnerId: string | null }): Promise<Begun>;
  /** The step is done once more, by this life of a runner, or by one to be found. Its log goes on behind `logLines`. */
  repeatStep(held: HeldStep & { runnerId: string | null; logLines: number }): Promise<Moved>;
  /**
   * The jobs never left our hands: takes the fences away so that a later delivery may start them. A step that had begun
   * before, as an earlier attempt or repetition, keeps its row, is given to nobody, and has as many of both left as before.
   */
  withdrawSteps(steps: HeldStep[]): Promise<void>;
  /**
   * How steps ended: output, error, job state, and the end of the run when it was the last. A second time changes nothing.
   * One that a trigger of another workflow follows stays as it is, until it says what it hands over.
   */
  completeSteps(completions: Completion[]): Promise<Completed[]>;
  /** Ends runs that have no running step. False in the place of one that had ended, or that somebody else has. */
  endRuns(ends: { runId: string; epoch: number; end: RunEnd }[]): Promise<boolean[]>;
  /** A stored state; null when there is none. */
  readState(projectId: string, dataclipId: string): Promise<StoredState | null>;
  /** A message as it was loaded, with its body wherever that lies. Throws `GoneError` when it is not there any more. */
  withBody<T extends Placed>(projectId: string, message: T): Promise<T>;
  /** A message's body as it is stored; null when it is gone. */
  readBody(projectId: string, messageId: string): Promise<StoredBody | null>;
  /** Stores lines of a step's log; storing one twice is harmless. */
  appendLog(stepId: string, lines: LogLine[]): Promise<void>;
  /** What a step began with, null where it is its run's own input, and the last lines of its log, at most so many. */
  stepBeginning(
    stepId: string,
    maxLines: number,
  ): Promise<{ inputDataclipId: string | null; lines: string[] }>;
  /** The number that the next line of a step's log has. */
  nextLine(stepId: string): Promise<number>;
  /** The steps of a run that run. Null when the run has ended. */
  runningSteps(runId: string): Promise<RunningStep[] | null>;
  /** Runs that were cancelled a while ago and still run; at most 100. */
  overdueCancels(): Promise<string[]>;
  /** The executor lives. Returns for how many milliseconds nobody had heard of it, by the clock of the storage. */
  beat(executorId: string): Promise<number>;
  /** The executor is no more. */
  leave(executorId: string): Promise<void>;
  /** Runs that have begun and are this executor's. */
  executedRuns(executorId: string): Promise<string[]>;
  /** The executor of a run that has begun, when it lives. */
  executorOf(runId: string): Promise<string | null>;
  /**
   * Hands runs of this executor (null: that nobody executes) back to the queue. `hasLeft`: the function that had them ends
   * with this, so that they queue in their lanes again. Returns them: announce them.
   */
  handBack(runIds: string[], executorId: string | null, hasLeft?: boolean): Promise<QueuedRun[]>;
  /** Lets go of a run that will be delivered again; when it is not, it is handed back after a while. */
  letGo(runId: string, epoch: number): Promise<void>;
  /** Hands back all runs that have begun and that no living executor has; at most 500. Returns them: announce them. */
  handBackAbandoned(): Promise<QueuedRun[]>;
  /**
   * Lets go some runs of a project that nothing is in the way of any more: their workflow goes on, or the run before them
   * is gone. `isMore`: call it again. Announce the runs.
   */
  releaseSome(projectId: string): Promise<{ runs: QueuedRun[]; isMore: boolean }>;
  /** Projects in which runs may wait for their turn or for their workflow. */
  heldProjects(): Promise<string[]>;
  /**
   * Queues a run of cron triggers that are due and says when each fires next, in one transaction: a tick is never fired
   * twice, and all that were missed while nothing ran are made up for by one.
   */
  fireDueTriggers(now: Date, read: (schedule: Schedule, dueAt: Date) => DueTimes): Promise<FiredTriggers>;
};

/** A step that runs: what its runner knows it by, and which life of a runner that is; or it waits for its next attempt. */
export type RunningStep = { id: string; runnerId: string | null; waits?: true };

/** Of a schedule that is due: when it fires after now, and how many more times have passed by now. */
export type DueTimes = { next: Date | null; missed: number };

/** The runs that were queued: announce them. `hasMore`: other triggers may be due. */
export type FiredTriggers = { queued: QueuedRun[]; hasMore: boolean };

/** Input, version and place of a run, as they are stored. */
export type StoredRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  snapshotId: string;
  /** It has begun: who loads it takes it over. */
  hasBegun: boolean;
  /** Milliseconds for which it waits on purpose, for a step's next attempt; 0 when it does not, or was cancelled meanwhile. */
  waitsMs: number;
  epoch: number;
  /** A person asked for it, or a bulk act. */
  isAsked: boolean;
  askedAgain: number;
  startingTriggerId: string | null;
  startingJobId: string | null;
  /** Edges taken after the trigger, decided when the run was opened; null where no expression decides. */
  startingEdges: string[] | null;
  /** Set when the input is a stored state. */
  dataclipId: string | null;
  clip: StoredState | null;
  /** The message, when it is the input and still there. Its body may lie apart: `withBody`. */
  message: (MessageInput & Placed) | null;
  /** Hosts that the project allows, null = any public one. */
  onlyHosts: string[] | null;
  /** What the project keeps of what steps return. */
  persistence: Persistence;
};

/** What there was of a run when it was taken over: its steps in order, of which the last may run. */
export type TakenOver = { epoch: number; steps: StepRow[] };

export type StepStart = {
  runId: string;
  executorId: string;
  /** The run's epoch as the executor knows it; of one that waits, the one that it was loaded with. */
  epoch: number;
  /** The life of a runner that the step is about to be given to. */
  runnerId: string;
  /** `StoredRun.startingEdges`: kept by the step that opens the run. */
  startingEdges: string[] | null;
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
  ordinal: number;
  jobId: string;
  epoch: number;
  /** Null once it was done again: nobody has this repetition yet. Otherwise null is a step of an older release. */
  runnerId: string | null;
  /** How often it was done again. */
  repeats: number;
  /** Which attempt this is, or will be; from 1. */
  attempt: number;
  /** What runners know it by; null of the first attempt, which has the step's id. */
  attemptId: string | null;
  /** When a later attempt began; null while it is waited for. */
  attemptedAt: Date | null;
  /** While it runs: lines of its log before this attempt or repetition. */
  logLines: number;
  startedAt: Date;
  finishedAt: Date | null;
  exitReason: ExitReason | null;
  errorType: string | null;
  errorMessage: string | null;
  takenEdges: string[] | null;
  outputDataclipId: string | null;
};

/** A step that an executor has, and under which epoch. */
export type HeldStep = { stepId: string; epoch: number };

export type Started =
  | { kind: "started"; step: StepRow }
  /** It was started before. It must not run again. */
  | { kind: "known"; step: StepRow }
  /** Somebody else has the run. */
  | { kind: "superseded" }
  /** The run was cancelled, or is final. */
  | { kind: "closed" };

/** `closed`: the run was cancelled. `superseded`: somebody else has the step, or it has ended. */
export type Moved = "moved" | "closed" | "superseded";

export type StepPause = HeldStep & {
  /** The attempt that failed. */
  attempt: number;
  /** When it began. */
  startedAt: Date;
  result: Pick<StepResult, "reason" | "durationMs"> & { error: StepError | null; connections: Connection[] };
  /** Lines of the log so far. */
  logLines: number;
  delayMs: number;
};

/** `closed` and `superseded` as in `Moved`. */
export type Paused = { kind: "paused"; run: QueuedRun } | { kind: "closed" } | { kind: "superseded" };

export type Begun =
  | { kind: "begun"; attemptId: string; attemptedAt: Date }
  | { kind: "closed" }
  | { kind: "superseded" };

export type RunEnd = { state: FinalRunState; errorType: string | null; errorMessage: string | null };

export type Completion = HeldStep & {
  result: StepResult;
  /** What to store of its output. */
  kept: Kept | null;
  /** That has what the message said in it, as it was sent. */
  repeats?: boolean;
  takenEdges: string[];
  logLines: number;
  /** Those of its log that are not stored yet: they are stored with its end, when this is it. */
  lines?: LogLine[];
  credentialName: string | null;
  /** What its result says to answer a sender who waits for the run. */
  reply?: WebhookResponse | null;
  /** Set when this step was the run's last. */
  runEnd: RunEnd | null;
  /**
   * Set when triggers of other workflows may follow the job: their runs are queued with its end, and begin with this state;
   * with null, with its output.
   */
  handsOver?: { state: Kept | null };
};

/**
 * `wasFirst`: this ended it. Otherwise `stored` is the step as it is: ended by somebody else, or run by one with a newer
 * epoch; null when there is none. `outputDataclipId` is what is stored, whoever stored it.
 */
export type Completed =
  | { wasFirst: true; outputDataclipId: string | null }
  | { wasFirst: false; outputDataclipId: string | null; stored: StepRow | null };
