import { asksForBytes, messageBytes } from "@/lib/body/for-jobs";
import { Refusal } from "@/lib/refusal";
import { mentionsCollections } from "@/lib/runner/collections";
import {
  type LogLine,
  NotReachableError,
  NotStartedError,
  type StepFate,
  type StepRef,
  type StepRequest,
  type StepResult,
  SupersededError,
} from "@/lib/runner/contract";
import type { Life } from "@/lib/runner/fleet";
import { lostResult } from "@/lib/runner/results";
import { GoneError, isTooLarge, stateOf, whyGone } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import { adaptorName, missingAdaptor } from "@/lib/workflow/adaptor-name";
import { expressionsFrom } from "@/lib/workflow/conditions";
import type { JobNode } from "@/lib/workflow/types";
import { wantedCredential } from "@/lib/workflow/wanted-credential";
import type { CredentialSource, ExecutionHost } from "./host";
import type { ExecutableRun, HeldRun } from "./load-run";
import type { LogWriter } from "./log-writer";
import type { Moved, StepRow } from "./storage";

/** No runner takes the step. Nothing was started: the delivery may be repeated. */
export class RunnerUnavailableError extends Error {}

/** How a step ended, and its row as it was by then. */
export type Ran = { result: StepResult; credentialName: string | null; step: StepRow };

/** A step that is this executor's, its job, and what it is to begin with; null is the run's own input. */
export type Assignment = { job: JobNode; step: StepRow; inputId: string | null; log: LogWriter };

/**
 * Gives a step to a runner and waits for its end. `isFresh`: its row was written just now, so nobody has it; otherwise
 * what became of it is asked first, and only what surely has not begun is begun. What was lost before it did anything
 * outside is done again, as often as the host's patience says. Throws `SupersededError` when somebody else has the step,
 * and `RunnerUnavailableError`, with the step withdrawn, when no runner takes it.
 */
export async function runStep(
  host: ExecutionHost,
  run: ExecutableRun,
  of: Assignment,
  isFresh: boolean,
): Promise<Ran> {
  let step = of.step;
  let prepared: Prepared | undefined;
  const ended = (result: StepResult): Ran => ({
    result,
    credentialName: prepared && "request" in prepared ? prepared.credentialName : null,
    step,
  });
  let fate: StepFate = isFresh ? { kind: "never_started" } : await fateOf(host, run, step, of.log);
  // Whoever cancelled the run meanwhile asked the runner that had the step by then.
  if (!isFresh && fate.kind === "never_started") {
    const moved = await (isAwaited(step) ? beginNext : moveToAnother)(host, run, step);
    if (moved.verdict === "closed") return ended(cancelledStep(isAwaited(step)));
    step = moved.step;
  }
  for (;;) {
    if (fate.kind === "never_started") {
      prepared ??= await prepare(host, run, of.job, of.inputId);
      if ("result" in prepared) return { ...ended(prepared.result), credentialName: prepared.credentialName };
      const given = await give(host, run, step, prepared.request, of.log);
      if (given === "closed") return ended(cancelledStep());
      step = given.step;
      fate = given.fate;
    }
    const result = fate.kind === "result" ? fate.result : lostResult(reached(fate));
    if (!result.untouched || step.repeats >= host.patience.repeatMs.length) return ended(told(result, step));
    const again = await repeat(host, run, step, of.log);
    if (again === "closed") return ended(cancelledStep());
    step = again;
    fate = { kind: "never_started" };
  }
}

/** The hosts that a step which is gone had reached; one that never started has reached none. */
export const reached = (fate: StepFate) => (fate.kind === "gone" ? fate.hosts : []);

/** A later attempt is a step of its own to runners, who forget old ones. */
export const refOf = ({ epoch }: HeldRun, { id, attemptId, repeats }: StepRow): StepRef => ({
  stepId: attemptId ?? id,
  epoch,
  attempt: repeats,
});

/** It waits for an attempt that has not begun. */
const isAwaited = ({ attempt, attemptedAt }: StepRow): boolean => attempt > 1 && attemptedAt === null;

/** When the attempt began that is under way. */
export const attemptBegan = ({ attemptedAt, startedAt }: StepRow): Date => attemptedAt ?? startedAt;

const maxHandBacks = 10;
const hopelessAfterMs = 3_600_000;

/**
 * What became of a step that somebody started. One whose run has been handed back again and again for an hour is taken
 * for lost without asking: asking for it may be what ends each executor. Throws `SupersededError`.
 */
export async function fateOf(
  host: ExecutionHost,
  run: HeldRun,
  step: StepRow,
  log: LogWriter,
): Promise<StepFate> {
  const fate = await askedFate(host, run, step, log);
  // What was stored of its log need not have been heard here.
  await log.goOn();
  return fate;
}

async function askedFate(
  host: ExecutionHost,
  run: HeldRun,
  step: StepRow,
  log: LogWriter,
): Promise<StepFate> {
  if (isAwaited(step)) return { kind: "never_started" };
  const age = host.clock().getTime() - attemptBegan(step).getTime();
  // It was handed back once for each pause, too.
  const pauses = run.steps.reduce((sum, { attempt }) => sum + attempt - 1, 0);
  if (run.askedAgain - pauses >= maxHandBacks && age > host.stepTimeoutMs + hopelessAfterMs) return gone;
  // Whoever had it found no runner for this attempt or repetition, and said so before anything was sent.
  if (!step.runnerId && (step.repeats > 0 || step.attempt > 1)) return { kind: "never_started" };
  const runner = step.runnerId ? host.runners.of(step.runnerId) : null;
  if (!runner) return gone;
  try {
    return await runner.followStep(refOf(run, step), (lines) => log.add(lines));
  } catch (error) {
    if (error instanceof NotReachableError) return gone;
    throw error;
  }
}

/** Nobody can say how far it got. */
const gone = { kind: "gone", hosts: null } as const;

/** Gives the step to its runner, and to others while none takes it. */
async function give(
  host: ExecutionHost,
  run: ExecutableRun,
  given: StepRow,
  request: Omit<StepRequest, "stepId" | "epoch" | "attempt">,
  log: LogWriter,
): Promise<{ step: StepRow; fate: StepFate } | "closed"> {
  const until = performance.now() + host.patience.startMs;
  let step = given;
  for (;;) {
    const runner = step.runnerId ? host.runners.of(step.runnerId) : null;
    const onLog = (lines: LogLine[]) => log.add(lines);
    try {
      if (!runner) throw new NotStartedError("nobody knows its runner.");
      const result = await runner.runStep({ ...request, ...refOf(run, step) }, onLog);
      return { step, fate: { kind: "result", result } };
    } catch (error) {
      if (error instanceof SupersededError) throw error;
      const fate = error instanceof NotStartedError ? null : await fateAfter(host, run, step, log, error);
      if (fate) return { step, fate };
      if (performance.now() >= until || host.isStopping()) return withdraw(host, run, step, error);
      await pause(host.patience.offerMs);
      const moved = await moveToAnother(host, run, step);
      if (moved.verdict === "closed") return "closed";
      step = moved.step;
    }
  }
}

/**
 * What became of the step after an error that does not say it. Null when it has surely not begun, and may be offered
 * again; what the runner refuses it would refuse again.
 */
async function fateAfter(
  host: ExecutionHost,
  run: ExecutableRun,
  step: StepRow,
  log: LogWriter,
  error: unknown,
): Promise<StepFate | null> {
  const fate = await fateOf(host, run, step, log);
  if (fate.kind !== "never_started") return fate;
  return error instanceof Refusal
    ? { kind: "result", result: ended("exception", "RunnerError", error.message) }
    : null;
}

async function withdraw(
  host: ExecutionHost,
  { epoch }: ExecutableRun,
  { id }: StepRow,
  cause: unknown,
): Promise<never> {
  await host.storage.withdrawSteps([{ stepId: id, epoch }]);
  throw new RunnerUnavailableError("The job runner cannot be reached.", { cause });
}

/** Writes down who gets the step next: who has the least to do, or the same when nobody else takes any. */
async function moveToAnother(
  host: ExecutionHost,
  run: ExecutableRun,
  step: StepRow,
): Promise<{ verdict: "moved" | "closed"; step: StepRow }> {
  const life = await host.runners.pick(run.projectId).catch(unlessNotStarted);
  const runnerId = life?.id ?? step.runnerId;
  const verdict = held(await host.storage.moveStep({ stepId: step.id, epoch: run.epoch, runnerId }));
  return { verdict, step: { ...step, runnerId } };
}

/** Writes down that the attempt that was waited for begins, and who gets it. */
async function beginNext(
  host: ExecutionHost,
  run: ExecutableRun,
  step: StepRow,
): Promise<{ verdict: "moved" | "closed"; step: StepRow }> {
  const life = await host.runners.pick(run.projectId).catch(unlessNotStarted);
  const runnerId = life?.id ?? null;
  const begun = await host.storage.beginAttempt({ stepId: step.id, epoch: run.epoch, runnerId });
  if (begun.kind === "superseded") throw new SupersededError();
  if (begun.kind === "closed") return { verdict: "closed", step };
  const { attemptId, attemptedAt } = begun;
  return { verdict: "moved", step: { ...step, runnerId, attemptId, attemptedAt } };
}

/** Does a step once more that has done nothing outside, after a pause. */
async function repeat(
  host: ExecutionHost,
  run: ExecutableRun,
  step: StepRow,
  log: LogWriter,
): Promise<StepRow | "closed"> {
  log.note(repetitionNote);
  await log.finish();
  await pause(host.patience.repeatMs[step.repeats] ?? 0);
  const life = await host.runners.pick(run.projectId).catch(unlessNotStarted);
  const runnerId = life?.id ?? null;
  const logLines = log.count;
  const { id: stepId } = step;
  const verdict = held(await host.storage.repeatStep({ stepId, epoch: run.epoch, runnerId, logLines }));
  if (verdict === "closed") return "closed";
  log.beginRepetition();
  return { ...step, runnerId, logLines, repeats: step.repeats + 1 };
}

const repetitionNote = "The step was lost before it had sent anything to anybody, so it is done again.";

/** Throws `SupersededError`. */
function held(verdict: Moved): "moved" | "closed" {
  if (verdict === "superseded") throw new SupersededError();
  return verdict;
}

function unlessNotStarted(error: unknown): null {
  if (error instanceof NotStartedError) return null;
  throw error;
}

/** Who gets a new step of the project. Throws `RunnerUnavailableError` when nobody takes one for long. */
export async function pickPatiently(host: ExecutionHost, projectId: string): Promise<Life> {
  const until = performance.now() + host.patience.startMs;
  for (;;) {
    try {
      return await host.runners.pick(projectId);
    } catch (error) {
      if (!(error instanceof NotStartedError)) throw error;
      if (performance.now() >= until || host.isStopping())
        throw new RunnerUnavailableError("The job runner cannot be reached.", { cause: error });
      await pause(host.patience.offerMs);
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Says how often a step was tried that was lost every time. */
const told = (result: StepResult, { repeats }: StepRow): StepResult =>
  result.untouched && result.error && repeats > 0
    ? {
        ...result,
        error: { ...result.error, message: `${result.error.message} It was tried ${repeats + 1} times.` },
      }
    : result;

type Prepared =
  | { result: StepResult; credentialName: string | null }
  | { request: Omit<StepRequest, "stepId" | "epoch" | "attempt">; credentialName: string | null };

/** All that the job is given; or how the step ends when something of it is not there. */
async function prepare(
  host: ExecutionHost,
  run: ExecutableRun,
  job: JobNode,
  inputId: string | null,
): Promise<Prepared> {
  if (job.adaptorVersion === null)
    return { result: ended("exception", "AdaptorLoadError", missingAdaptor(job)), credentialName: null };
  const input = await inputOf(host, run, inputId);
  let credential: Awaited<ReturnType<CredentialSource["open"]>> | null = null;
  try {
    const wanted = wantedCredential(job, input instanceof GoneError ? null : input.text);
    if (wanted) credential = await host.credentials.open(wanted, run.projectId);
  } catch (error) {
    const message = error instanceof Error ? error.message : "The credential could not be opened.";
    return { result: ended("exception", "CredentialLoadError", message), credentialName: null };
  }
  const credentialName = credential?.name ?? null;
  if (input instanceof GoneError) return { result: withoutInput(input), credentialName };
  const request = {
    runId: run.id,
    projectId: run.projectId,
    job: {
      id: job.id,
      name: job.name,
      source: job.body,
      adaptor: { name: adaptorName(job.adaptor), version: job.adaptorVersion },
    },
    input: input.text,
    ...(await bytesFor(host, run, job)),
    ...collectionsFor(host, run, job),
    ...(input.hidden.length > 0 ? { hidden: input.hidden } : {}),
    configuration: credential?.body ?? null,
    credentialId: credential?.id ?? null,
    conditions: expressionsFrom(run.graph, { jobId: job.id }),
    limits: { timeoutMs: host.stepTimeoutMs, memoryMb: host.memoryMb },
    egress: egressOf(run.onlyHosts, credential?.allowedHosts ?? null),
  };
  return { request, credentialName };
}

/** What the step begins with, or why that is not there. */
async function inputOf(
  host: ExecutionHost,
  run: ExecutableRun,
  inputId: string | null,
): Promise<SecretState | GoneError> {
  try {
    return inputId ? await readInput(host, run.projectId, inputId) : ownInput(run);
  } catch (error) {
    if (error instanceof GoneError) return error;
    throw error;
  }
}

/** What the step before handed on: held in this process when it is too large to be stored. Throws `GoneError`. */
async function readInput(host: ExecutionHost, projectId: string, inputId: string): Promise<SecretState> {
  const kept = host.held.get(inputId);
  if (kept) return kept;
  const stored = await host.storage.readState(projectId, inputId);
  const isOnlyHeld =
    stored?.wipedFor === "persistence" || (stored && !stored.isWiped && isTooLarge(stored.size));
  if (stored?.body === null && isOnlyHeld) throw new LostInputError(whyGone(stored));
  return stateOf(projectId, stored);
}

/** Throws `GoneError`. */
function ownInput({ input }: ExecutableRun): SecretState {
  if (input instanceof GoneError) throw input;
  return input;
}

/** The result was held by a process that is no more. */
class LostInputError extends GoneError {}

const withoutInput = (error: GoneError): StepResult =>
  error instanceof LostInputError
    ? ended(
        "lost",
        "Lost",
        `The engine that held the result of the step before has ended, so this step has no input and was not started. ${error.message} Rerun the workflow from an earlier step.`,
      )
    : ended("exception", "DataClipError", `The input of this step is no longer there. ${error.message}`);

/** The message's bytes, for a job whose code asks for them. */
async function bytesFor(
  { storage }: ExecutionHost,
  { projectId, messageId }: ExecutableRun,
  job: JobNode,
): Promise<Pick<StepRequest, "message">> {
  if (!messageId || !asksForBytes(job.body)) return {};
  const stored = await storage.readBody(projectId, messageId);
  return stored ? { message: await messageBytes(stored) } : {};
}

/** A step may wait for its worker longer than it may then take. */
const longestWaitMs = 3_600_000;

/** What a job that mentions collections asks for them with. */
function collectionsFor(
  { collectionsToken, stepTimeoutMs }: ExecutionHost,
  { id: runId, projectId }: ExecutableRun,
  { body }: JobNode,
): Pick<StepRequest, "collections"> {
  if (!mentionsCollections(body)) return {};
  return { collections: { token: collectionsToken({ runId, projectId }, stepTimeoutMs + longestWaitMs) } };
}

/** Two lists of hosts, of the project and of the credential; null is none. */
const egressOf = (onlyHosts: string[] | null, credentialHosts: string[] | null) => ({
  ...(onlyHosts ? { onlyHosts } : {}),
  ...(credentialHosts ? { credentialHosts } : {}),
});

/** A result made by us rather than by the runner. */
export const ended = (reason: StepResult["reason"], type: string, message: string): StepResult => ({
  reason,
  output: null,
  error: { type, message },
  conditions: {},
  durationMs: null,
  peakMemoryMb: null,
  connections: [],
});

export const cancelledStep = (isAwaited = false): StepResult =>
  ended(
    "cancel",
    "Cancelled",
    isAwaited
      ? "The run was cancelled before the job's next attempt began."
      : "The run was cancelled before the job began.",
  );
