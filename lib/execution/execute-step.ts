import { log as operatorLog } from "@/lib/log";
import type { Announcement } from "@/lib/queue/announce";
import { announceRuns } from "@/lib/queue/queue";
import { type StepFate, type StepResult, SupersededError } from "@/lib/runner/contract";
import { lostResult } from "@/lib/runner/results";
import { handedOn, isTooLarge, type Kept, kept, whyGone, withheld } from "@/lib/state/kept";
import { toldStatuses } from "@/lib/words";
import { runResult } from "@/lib/workflow/result";
import { nextAttempt, pauseNote } from "@/lib/workflow/retry";
import { settled } from "@/lib/workflow/settled";
import type { JobNode } from "@/lib/workflow/types";
import { type PlannedStep, planNext } from "@/lib/workflow/walk";
import { webhookResponseOf } from "@/lib/workflow/webhook-response";
import { pinned } from "./beginnings";
import { handedOver } from "./hand-over";
import type { ExecutionHost } from "./host";
import type { ExecutableRun, HeldRun } from "./load-run";
import { LogWriter } from "./log-writer";
import {
  attemptBegan,
  cancelledStep,
  ended,
  fateOf,
  pickPatiently,
  type Ran,
  reached,
  refOf,
  runStep,
} from "./run-step";
import type { Completed, Completion, RunEnd, StepRow } from "./storage";

/** How one step ended, as the durable function remembers it: ids and words, never payloads. */
export type Outcome = {
  reason: StepResult["reason"];
  takenEdgeIds: string[];
  errorType: string | null;
  errorMessage: string | null;
  outputDataclipId: string | null;
  /** The run was ended in the same commit. */
  runEnded: boolean;
};

/** The step's attempt has failed, and its run was handed back for the time of the next one. It is no outcome. */
export type Paused = { isPaused: true };

const cancelled: Outcome = {
  reason: "cancel",
  takenEdgeIds: [],
  errorType: "Cancelled",
  errorMessage: "The run was cancelled.",
  outputDataclipId: null,
  runEnded: false,
};

/**
 * Executes one planned step, once. One that has ended is found, and what is stored of it is what happened; one that runs
 * is followed. An attempt that failed and is to be followed by another ends nothing: the run is nobody's then. Throws
 * `SupersededError` when somebody else has the run, and otherwise only when nothing was started and trying again is safe.
 */
export async function executeStep(
  host: ExecutionHost,
  run: ExecutableRun,
  planned: PlannedStep,
  outcomes: Outcome[],
): Promise<Outcome | Paused> {
  const job = jobOf(run, planned.jobId);
  const parent = planned.fromOrdinal === null ? null : outcomes[planned.fromOrdinal];
  const inputId = parent ? parent.outputDataclipId : run.inputDataclipId;
  const begun = await begin(host, run, job, planned, inputId);
  if (begun === "closed") return cancelled;
  const { step, isFresh } = begun;
  if (step.finishedAt) return storedOutcome(step);
  host.announce(changesOf(run));
  const log = writerOf(host, run, step);
  const ran = await runStep(host, run, { job, step, inputId: parent ? inputId : null, log }, isFresh);
  const paused = await pause(host, run, job, ran, log);
  if (paused === "paused") return { isPaused: true };
  const end = paused === "closed" ? { ...ran, result: withoutNext(ran.result) } : ran;
  return complete(host, run, job, end, log, (outcome) => endAfter(run, [...outcomes, outcome]));
}

/** A run that was cancelled has no next attempt; what the one before has sent to whom is kept. */
const withoutNext = ({ connections, durationMs }: StepResult): StepResult => ({
  ...cancelledStep(true),
  connections,
  durationMs,
});

/**
 * Hands the run back until the job's next attempt, when its policy wants one: `paused`. `closed`: the run was cancelled.
 * Null: this was the last attempt. Throws `SupersededError`.
 */
async function pause(
  host: ExecutionHost,
  run: HeldRun,
  job: JobNode,
  { result, step }: Ran,
  log: LogWriter,
): Promise<"paused" | "closed" | null> {
  const { attempt } = step;
  const next = nextAttempt(job.retry, attempt, result, host.clock(), host.random);
  if (!next) return null;
  if (host.held.has(run.id)) {
    log.note(notKeptNote);
    return null;
  }
  log.note(pauseNote(job, attempt, result, next));
  await log.finish();
  const paused = await host.storage.pauseStep({
    ...{ stepId: step.id, epoch: run.epoch, attempt, startedAt: attemptBegan(step) },
    ...{ result, logLines: log.count, delayMs: next.delayMs },
  });
  if (paused.kind === "superseded") throw new SupersededError();
  if (paused.kind === "closed") return "closed";
  forget(host, run, step);
  announceRuns(host.announce, [paused.run]);
  return "paused";
}

const notKeptNote =
  "The job is not tried again: this run has a result that is not stored, because it is too large or the project keeps none, and would be lost in the pause.";

const jobOf = ({ graph }: HeldRun, jobId: string): JobNode => {
  const job = graph.jobs.find((one) => one.id === jobId);
  if (!job) throw new Error(`Job ${jobId} is not in this version of the workflow.`);
  return job;
};

const writerOf = (host: ExecutionHost, run: HeldRun, step: StepRow) =>
  new LogWriter(
    host.storage,
    step,
    () => host.announce({ projectId: run.projectId, runs: [run.id] }),
    run.graph.jobLogs !== false,
  );

/** The step's row: the one that there was, or one that is written now. */
async function begin(
  host: ExecutionHost,
  run: ExecutableRun,
  job: JobNode,
  planned: PlannedStep,
  inputId: string | null,
): Promise<{ step: StepRow; isFresh: boolean } | "closed"> {
  const taken = run.steps.find(({ ordinal }) => ordinal === planned.ordinal);
  if (taken) {
    const isFresh = taken.id === run.begunId;
    run.begunId = null;
    return { step: asPlanned(taken, planned), isFresh };
  }
  const { id: runnerId } = await pickPatiently(host, run.projectId);
  const [start] = await host.storage.startSteps([
    {
      runId: run.id,
      executorId: host.executor.id,
      epoch: run.epoch,
      runnerId,
      startingEdges: run.startingEdges,
      projectId: run.projectId,
      workflowId: run.workflowId,
      messageId: run.messageId,
      jobId: job.id,
      jobName: job.name,
      adaptor: pinned(job),
      ordinal: planned.ordinal,
      follows: planned.fromOrdinal,
      inputDataclipId: inputId,
    },
  ]);
  if (!start || start.kind === "closed") return "closed";
  if (start.kind === "superseded") throw new SupersededError();
  if (start.kind === "started") {
    run.epoch = start.step.epoch;
    run.isHeld = true;
    return { step: start.step, isFresh: true };
  }
  const step = asPlanned(start.step, planned);
  if (step.finishedAt || step.epoch === run.epoch) return { step, isFresh: false };
  // Whoever had the run before has written it in the very moment, and may end it before it is ours: then it is asked for again.
  const isOurs = await host.storage.adoptStep({ stepId: step.id, epoch: run.epoch });
  return isOurs ? { step, isFresh: false } : begin(host, run, job, planned, inputId);
}

/** A walk that is planned again plans the same steps. Throws when this one did not: nobody may go on from there. */
function asPlanned(step: StepRow, planned: PlannedStep): StepRow {
  if (step.jobId === planned.jobId) return step;
  throw new Error(`Step ${planned.ordinal} was planned for another job before.`);
}

/**
 * Ends the run so, whatever would follow. A step that runs is waited for first, and ends as it ends. Throws
 * `SupersededError` when somebody else has the run.
 */
export async function endRun(host: ExecutionHost, run: HeldRun, end: RunEnd): Promise<void> {
  const step = run.steps.find(({ finishedAt }) => !finishedAt);
  if (step) await settle(host, run, step, end);
  else await endWithoutStep(host, run, end);
  host.announce(endOf(run));
}

async function endWithoutStep(host: ExecutionHost, run: HeldRun, end: RunEnd): Promise<void> {
  const [hasEnded] = await host.storage.endRuns([{ runId: run.id, epoch: run.epoch, end }]);
  if (hasEnded) tell(host, run, end);
}

async function settle(host: ExecutionHost, run: HeldRun, step: StepRow, end: RunEnd): Promise<void> {
  const log = writerOf(host, run, step);
  const fate = await fateOf(host, run, step, log);
  const isNew = step.repeats === 0 && step.attempt === 1;
  if (fate.kind === "never_started" && isNew) {
    await host.storage.withdrawSteps([{ stepId: step.id, epoch: run.epoch }]);
    return endWithoutStep(host, run, end);
  }
  const result = fate.kind === "never_started" && step.attempt > 1 ? notBegun : resultOf(fate);
  await complete(host, run, jobOf(run, step.jobId), { result, credentialName: null, step }, log, () => end);
}

const resultOf = (fate: StepFate): StepResult =>
  fate.kind === "result" ? fate.result : lostResult(reached(fate));

const notBegun = ended(
  "exception",
  "RunnerError",
  "The job's next attempt could not begin, because a part of Waybill was not available. Rerun it.",
);

async function complete(
  host: ExecutionHost,
  run: HeldRun,
  job: JobNode,
  { result: raw, credentialName, step }: Ran,
  log: LogWriter,
  endAfterIt: (outcome: Outcome) => RunEnd | null,
): Promise<Outcome> {
  if (raw.output !== null && isTooLarge(Buffer.byteLength(raw.output))) log.note(noteOfSize(raw.output));
  const { result, takenEdgeIds } = settled(run.graph, job.id, raw);
  const outcome: Outcome = {
    reason: result.reason,
    takenEdgeIds,
    errorType: result.error?.type ?? null,
    errorMessage: toldOf(result.error?.message),
    outputDataclipId: null,
    runEnded: false,
  };
  const runEnd = endAfterIt(outcome);
  const whole = kept(run.projectId, result);
  const keep = run.persistence === "erase_all" ? withheld(whole) : whole;
  const answers = answersSender(run);
  const completed = await completeOrHandOver(host, run, log, {
    stepId: step.id,
    epoch: run.epoch,
    result,
    kept: keep,
    repeats: repeatsMessage(run, keep),
    takenEdges: outcome.takenEdgeIds,
    logLines: log.kept,
    credentialName,
    reply: answers && result.output !== null ? replyOf(result) : null,
    runEnd,
  });
  if (completed?.wasFirst && runEnd) tell(host, run, runEnd);
  if (!completed?.wasFirst) return storedOutcome(endedRow(completed?.stored ?? null));
  const { outputDataclipId } = completed;
  const state = handedOn(result);
  if (state && keep?.body === null && outputDataclipId && !runEnd)
    host.held.hold(run.id, outputDataclipId, { ...state, shown: result.shown?.text });
  host.announce(runEnd ? endOf(run) : changesOf(run));
  forget(host, run, step);
  return { ...outcome, outputDataclipId, runEnded: runEnd !== null };
}

/** What is encrypted beside it is stored whole. */
const repeatsMessage = ({ said }: HeldRun, keep: Kept | null): boolean =>
  said !== null && keep?.sealed === null && (keep.body?.includes(said) ?? false);

/**
 * The last lines of the log go with the end, or by themselves when this is not it. One that is still ours and open was passed
 * over, because triggers of other workflows follow its job: those may begin with its log.
 */
async function completeOrHandOver(
  host: ExecutionHost,
  run: HeldRun,
  log: LogWriter,
  completion: Completion,
): Promise<Completed | undefined> {
  const lines = await log.rest();
  const [completed] = await host.storage.completeSteps([{ ...completion, lines }]).catch(async (error) => {
    await log.keep(lines).catch(() => {});
    throw error;
  });
  if (!completed || completed.wasFirst) return completed;
  await log.keep(lines);
  const { stored } = completed;
  if (!stored || stored.finishedAt || stored.epoch !== completion.epoch) return completed;
  const handsOver = { state: await handedOver(host, run, completion) };
  return (await host.storage.completeSteps([{ ...completion, handsOver }]))[0];
}

const noteOfSize = (output: string): string =>
  `The result is not kept. ${whyGone({ size: Buffer.byteLength(output), isWiped: false })}`;

/** Somebody else ended the step. Throws `SupersededError` when it runs: then somebody else has it. */
function endedRow(step: StepRow | null): StepRow {
  if (!step?.finishedAt) throw new SupersededError();
  return step;
}

/** The runner forgets by itself after a while; nothing waits for it. */
function forget(host: ExecutionHost, run: HeldRun, step: StepRow): void {
  const runner = step.runnerId ? host.runners.of(step.runnerId) : null;
  void runner?.forgetStep(refOf(run, step)).catch(() => {});
}

/** As much of an error's message as an outcome tells. */
export const toldOf = (message: string | null | undefined): string | null => message?.slice(0, 500) ?? null;

/** What is stored is what happened, whoever stored it. Whether its run was ended with it is for the storage to say. */
const storedOutcome = (step: StepRow): Outcome => ({
  reason: step.exitReason ?? "lost",
  takenEdgeIds: step.takenEdges ?? [],
  errorType: step.errorType,
  errorMessage: toldOf(step.errorMessage),
  outputDataclipId: step.outputDataclipId,
  runEnded: false,
});

/** Whoever looks after issues, of what failed, and of what a person wants to see succeed. */
function tell(host: ExecutionHost, run: HeldRun, end: RunEnd): void {
  tellOperator(run, end);
  if (run.isAsked || toldStatuses.some((status) => status === end.state)) host.askForIssues();
}

/** Whoever runs this server is told of ends that are no job's fault (seed 3). No words of the job's: they may hold anything. */
function tellOperator({ projectId, workflowId, id }: HeldRun, { state, errorType }: RunEnd): void {
  if (state !== "exception" && state !== "lost") return;
  operatorLog.warn(`A run has ended as ${state}`, { projectId, workflowId, runId: id, errorType });
}

/** What pages show of a run that went on. */
export const changesOf = ({ projectId, id, messageId }: HeldRun): Announcement => ({
  projectId,
  runs: [id],
  messages: messageId ? [messageId] : [],
});

/** The same of one that has ended: a sender may wait for it. */
const endOf = (run: HeldRun): Announcement => ({
  ...changesOf(run),
  ...(answersSender(run) ? { ended: [run.id] } : {}),
});

/** Senders of this version of the workflow are answered when the run has ended. */
const answersSender = ({ graph }: HeldRun): boolean =>
  graph.triggers.some(({ webhookReply }) => webhookReply === "after_completion");

const replyOf = ({ output, shown }: StepResult) => webhookResponseOf(shown?.text ?? output ?? "");

/** How the run ends when nothing follows these outcomes; null while something does. */
export function endAfter(run: Pick<ExecutableRun, "graph" | "start">, outcomes: Outcome[]): RunEnd | null {
  if (planNext(run.graph, run.start, outcomes).next) return null;
  const { state, errorType, errorMessage } = runResult(run.graph, run.start, outcomes);
  return { state, errorType, errorMessage };
}
