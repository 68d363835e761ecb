import { asksForBytes } from "@/lib/body/for-jobs";
import { runTrial, shownOutput, type TrialCredential, trialRequest } from "@/lib/domain/run/trial";
import type { LogRow } from "@/lib/domain/run/types";
import { limits } from "@/lib/limits";
import { Refusal } from "@/lib/refusal";
import { type MessageBytes, NotStartedError, type Runner, type StepResult } from "@/lib/runner/contract";
import { handedOn } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import type { ExitReason, TestState } from "@/lib/words";
import { missingAdaptor } from "@/lib/workflow/adaptor-name";
import { expressionsFrom } from "@/lib/workflow/conditions";
import { type FinishedStep, runResult } from "@/lib/workflow/result";
import { nextAttempt } from "@/lib/workflow/retry";
import { settled } from "@/lib/workflow/settled";
import { TriggerConditionError, triggerEdges } from "@/lib/workflow/trigger-edges";
import type { JobNode, WorkflowGraph } from "@/lib/workflow/types";
import { type PlannedStep, planNext, type WalkStart } from "@/lib/workflow/walk";
import type { TestNote } from "./types";

/** A state as it is handed on, with its text as it may be shown. */
export type ShownState = SecretState & { shown: string };

export type TestWalk = {
  /** Names the test to runners. */
  id: string;
  projectId: string;
  graph: WorkflowGraph;
  /** Job id → why it cannot be run. */
  broken: ReadonlyMap<string, string>;
  start: { triggerId: string } | { jobId: string; alone: boolean };
  input: ShownState;
  isRecorded: boolean;
  /** Hosts that the project allows; null = any public one. */
  onlyHosts: string[] | null;
  limits: { timeoutMs: number; memoryMb: number; maxLogLines: number; maxLogBytes: number };
  runner: Runner;
  /** What a job gets as its credential. Throws a sentence without secrets. */
  credentialOf(job: JobNode, input: SecretState): Promise<TrialCredential | null>;
  collectionsToken: string;
  /** The message's bytes, for a job that asks for them. */
  bytes(): Promise<MessageBytes | null>;
  signal: AbortSignal;
  /** Says why the test may not go on with another job; null while it may. */
  stopped?(): { state: FinalTestState; type: string; message: string } | null;
  /** Told before a job and after it. What they do is waited for. */
  onBegun?(step: BegunStep): Promise<void>;
  onEnded?(step: EndedStep): Promise<void>;
};

export type BegunStep = { planned: PlannedStep; job: JobNode; input: ShownState };
export type EndedStep = BegunStep & { result: StepResult; takenEdgeIds: string[]; logs: LogRow[] };

/** How a test can have ended. */
export type FinalTestState = Exclude<TestState, "waiting" | "running">;

export type TestEnd = {
  state: FinalTestState;
  errorType: string | null;
  errorMessage: string | null;
  notes: TestNote[];
};

/**
 * Walks a workflow as a live run does, one job after the other, with nothing stored: what is to be kept of it is told to
 * `onBegun` and `onEnded`. A state that holds a secret is handed on in memory alone. Retry policies are not followed.
 */
export async function walkTest(walk: TestWalk): Promise<TestEnd> {
  const notes: TestNote[] = [];
  try {
    const start = await startOf(walk);
    return { ...(await goThrough(walk, start, notes)), notes };
  } catch (error) {
    if (!(error instanceof TriggerConditionError)) throw error;
    return { state: "crashed", errorType: error.type, errorMessage: error.message, notes };
  }
}

async function startOf({ graph, start, input, projectId, runner }: TestWalk): Promise<WalkStart> {
  if ("jobId" in start) return { jobId: start.jobId, ...(start.alone ? { endJobId: start.jobId } : {}) };
  const { triggerId } = start;
  const expressions = expressionsFrom(graph, { triggerId });
  const decisions = expressions.length > 0 ? await runner.evaluate(projectId, input.text, expressions) : {};
  return { triggerId, takenEdgeIds: triggerEdges(graph, triggerId, decisions) };
}

type Ended = Omit<TestEnd, "notes">;

async function goThrough(walk: TestWalk, start: WalkStart, notes: TestNote[]): Promise<Ended> {
  const outcomes: FinishedStep[] = [];
  const outputs = new Map<number, ShownState>();
  for (;;) {
    const { next } = planNext(walk.graph, start, outcomes);
    if (!next) {
      const { state, errorType, errorMessage } = runResult(walk.graph, start, outcomes);
      // No step ends so that its run is rejected.
      return { state: state === "rejected" ? "exception" : state, errorType, errorMessage };
    }
    const stopped = walk.stopped?.() ?? tooMany(next);
    if (stopped) return { state: stopped.state, errorType: stopped.type, errorMessage: stopped.message };
    // Steps come in the order of those that they follow: what an earlier one handed on nobody wants any more.
    for (const ordinal of outputs.keys()) if (ordinal < (next.fromOrdinal ?? 0)) outputs.delete(ordinal);
    const begun = begunOf(walk, next, outputs);
    await walk.onBegun?.(begun);
    const tried = await tryJob(walk, begun);
    const { result, takenEdgeIds } = settled(walk.graph, next.jobId, tried.result);
    noteRetry(begun.job, result, notes);
    await walk.onEnded?.({ ...begun, result, takenEdgeIds, logs: tried.logs });
    const state = handedOn(result);
    if (state) outputs.set(next.ordinal, { ...state, shown: shownOutput(result) ?? state.text });
    const { type = null, message = null } = result.error ?? {};
    outcomes.push({ reason: result.reason, takenEdgeIds, errorType: type, errorMessage: message });
  }
}

const tooMany = ({ ordinal }: PlannedStep) =>
  ordinal < limits.testSteps
    ? null
    : {
        state: "killed" as const,
        type: "LimitError",
        message: `A test runs ${limits.testSteps} jobs at most, and more would have followed.`,
      };

const empty: ShownState = { text: "{}", hidden: [], shown: "{}" };

function begunOf(walk: TestWalk, planned: PlannedStep, outputs: Map<number, ShownState>): BegunStep {
  const job = walk.graph.jobs.find(({ id }) => id === planned.jobId);
  if (!job) throw new Error(`Job ${planned.jobId} is not in this draft.`);
  const { fromOrdinal } = planned;
  return { planned, job, input: fromOrdinal === null ? walk.input : (outputs.get(fromOrdinal) ?? empty) };
}

function noteRetry({ id, retry }: JobNode, { reason, error }: StepResult, notes: TestNote[]): void {
  if (!nextAttempt(retry, 1, { reason, error }, new Date(), () => 0)) return;
  const message =
    "Its retry policy was not followed: a test runs each job once. A live run would have tried it again.";
  if (!notes.some(({ itemId }) => itemId === id)) notes.push({ item: "job", itemId: id, message });
}

type Tried = { result: StepResult; logs: LogRow[] };

async function tryJob(walk: TestWalk, { job, input, planned }: BegunStep): Promise<Tried> {
  const problem = walk.broken.get(job.id);
  if (problem !== undefined) return without("exception", "ValidationError", problem);
  if (job.adaptorVersion === null) return without("exception", "AdaptorLoadError", missingAdaptor(job));
  let credential: TrialCredential | null;
  try {
    credential = await walk.credentialOf(job, input);
  } catch (error) {
    const message = error instanceof Error ? error.message : "The credential could not be opened.";
    return without("exception", "CredentialLoadError", message);
  }
  const id = `${walk.id}-${planned.ordinal}`;
  const request = trialRequest({
    ...{ id, runId: walk.id, projectId: walk.projectId, job, adaptorVersion: job.adaptorVersion },
    ...{ input, credential, onlyHosts: walk.onlyHosts, isRecorded: walk.isRecorded },
    message: asksForBytes(job.body) ? await walk.bytes() : null,
    conditions: expressionsFrom(walk.graph, { jobId: job.id }),
    limits: walk.limits,
    collectionsToken: walk.collectionsToken,
  });
  if (walk.signal.aborted) return cancelled;
  try {
    const { result, logs } = await runTrial(walk.runner, request, walk.signal);
    return { result, logs: keptLogs(walk.graph, logs) };
  } catch (error) {
    if (error instanceof NotStartedError) return without("exception", "RunnerError", notStarted);
    if (error instanceof Refusal) return without("exception", "RunnerError", error.message);
    throw error;
  }
}

const notStarted =
  "No job runner took the job, so nothing of it was begun. Check that one is running, then test again.";

/** What a job writes to its console is not kept where the workflow says so, but for errors. */
const keptLogs = ({ jobLogs }: WorkflowGraph, logs: LogRow[]): LogRow[] =>
  jobLogs === false ? logs.filter(({ source, level }) => source !== "JOB" || level === "error") : logs;

const without = (reason: ExitReason, type: string, message: string): Tried => ({
  result: {
    ...{ reason, output: null, error: { type, message }, conditions: {} },
    ...{ durationMs: null, peakMemoryMb: null, connections: [] },
  },
  logs: [],
});

const cancelled = without("cancel", "Cancelled", "The test was cancelled before the job began.");
