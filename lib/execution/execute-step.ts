import { asksForBytes, messageBytes } from "@/lib/body/for-jobs";
import type { Announcement } from "@/lib/queue/announce";
import { type LogLine, NotStartedError, type StepRequest, type StepResult } from "@/lib/runner/contract";
import { lostResult } from "@/lib/runner/results";
import { GoneError, handedOn, isTooLarge, kept, stateOf, whyGone } from "@/lib/state/kept";
import type { SecretState } from "@/lib/state/sealed";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import { decideEdges, expressionsFrom } from "@/lib/workflow/conditions";
import { runResult } from "@/lib/workflow/result";
import type { JobNode } from "@/lib/workflow/types";
import { type PlannedStep, planNext } from "@/lib/workflow/walk";
import type { CredentialSource, ExecutionHost } from "./host";
import type { ExecutableRun } from "./load-run";
import { LogWriter } from "./log-writer";
import type { RunEnd, StepRow } from "./storage";

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

/** The runner could not be asked at all. Nothing was started: the delivery may be repeated. */
export class RunnerUnavailableError extends Error {}

const cancelled: Outcome = {
  reason: "cancel",
  takenEdgeIds: [],
  errorType: "Cancelled",
  errorMessage: "The run was cancelled.",
  outputDataclipId: null,
  runEnded: false,
};

/**
 * Executes one planned step, once: a repeated delivery follows the running job, or reports what is stored, or declares
 * it lost. Throws only when nothing was started and trying again is safe.
 */
export async function executeStep(
  host: ExecutionHost,
  run: ExecutableRun,
  planned: PlannedStep,
  outcomes: Outcome[],
): Promise<Outcome> {
  const job = run.graph.jobs.find((j) => j.id === planned.jobId);
  if (!job) throw new Error(`Job ${planned.jobId} is not in this version of the workflow.`);
  const parent = planned.fromOrdinal === null ? null : outcomes[planned.fromOrdinal];
  const inputId = parent ? parent.outputDataclipId : run.inputDataclipId;

  const [start] = await host.storage.startSteps([
    {
      runId: run.id,
      projectId: run.projectId,
      workflowId: run.workflowId,
      messageId: run.messageId,
      jobId: job.id,
      jobName: job.name,
      adaptor: `${adaptorName(job.adaptor)}@${job.adaptorVersion}`,
      ordinal: planned.ordinal,
      follows: planned.fromOrdinal,
      inputDataclipId: inputId,
    },
  ]);
  if (!start || start.kind === "closed") return cancelled;
  const { step } = start;
  if (step.finishedAt && step.exitReason) return storedOutcome(run, step, outcomes);
  host.announce(changesOf(run));

  const log = new LogWriter(host.storage, step.id, () =>
    host.announce({ projectId: run.projectId, runs: [run.id] }),
  );
  const { result, credentialName } =
    start.kind === "started"
      ? await runJob(host, run, job, step.id, parent ? inputId : null, log)
      : { result: await followJob(host, step.id, log), credentialName: null };
  if (result.output !== null && isTooLarge(Buffer.byteLength(result.output)))
    log.add([noteOfSize(result.output, log.count)]);
  await log.finish();
  return complete(host, run, job, step.id, result, credentialName, log.count, outcomes);
}

const noteOfSize = (output: string, seq: number): LogLine => ({
  seq,
  at: Date.now(),
  level: "warn",
  source: "R/T",
  message: `The result is not kept. ${whyGone({ size: Buffer.byteLength(output), isWiped: false })}`,
});

async function runJob(
  host: ExecutionHost,
  run: ExecutableRun,
  job: JobNode,
  stepId: string,
  inputId: string | null,
  log: LogWriter,
) {
  let credential: Awaited<ReturnType<CredentialSource["open"]>> | null = null;
  try {
    if (job.projectCredentialId)
      credential = await host.credentials.open(job.projectCredentialId, run.projectId);
  } catch (error) {
    const message = error instanceof Error ? error.message : "The credential could not be opened.";
    return { result: ended("exception", "CredentialLoadError", message), credentialName: null };
  }
  let input: SecretState;
  try {
    input = inputId ? await readInput(host, run.projectId, inputId) : run.input;
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    return { result: withoutInput(error), credentialName: credential?.name ?? null };
  }
  try {
    const result = await host.runner.runStep(
      {
        stepId,
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
        ...(input.hidden.length > 0 ? { hidden: input.hidden } : {}),
        configuration: credential?.body ?? null,
        credentialId: credential ? job.projectCredentialId : null,
        conditions: expressionsFrom(run.graph, { jobId: job.id }),
        limits: { timeoutMs: host.stepTimeoutMs, memoryMb: host.memoryMb },
        egress: egressOf(run.onlyHosts, credential?.allowedHosts ?? null),
      },
      (lines) => log.add(lines),
    );
    return { result, credentialName: credential?.name ?? null };
  } catch (error) {
    if (error instanceof NotStartedError) {
      await host.storage.withdrawSteps([stepId]);
      throw new RunnerUnavailableError("The job runner cannot be reached.", { cause: error });
    }
    return { result: await followJob(host, stepId, log), credentialName: credential?.name ?? null };
  }
}

/** What the step before handed on: held in this process when it is too large to be stored. Throws `GoneError`. */
async function readInput(host: ExecutionHost, projectId: string, inputId: string): Promise<SecretState> {
  const held = host.held.get(inputId);
  if (held) return held;
  const stored = await host.storage.readState(projectId, inputId);
  if (stored?.body === null && !stored.isWiped && isTooLarge(stored.size))
    throw new LostInputError(whyGone(stored));
  return stateOf(projectId, stored);
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

/** Two lists of hosts, of the project and of the credential; null is none. */
const egressOf = (onlyHosts: string[] | null, credentialHosts: string[] | null) => ({
  ...(onlyHosts ? { onlyHosts } : {}),
  ...(credentialHosts ? { credentialHosts } : {}),
});

/** Follows a job that an earlier delivery, or an earlier life of this process, started. Unknown to the runner: lost. */
async function followJob(host: ExecutionHost, stepId: string, log: LogWriter): Promise<StepResult> {
  const ref = { stepId, epoch: 0, attempt: 0 };
  const fate = await host.runner.followStep(ref, (lines) => log.add(lines)).catch(() => null);
  if (fate?.kind === "result") return fate.result;
  return lostResult(fate?.kind === "gone" ? fate.hosts : null);
}

/** A result made by us rather than by the runner. */
export const ended = (reason: StepResult["reason"], type: string, message: string): StepResult => ({
  reason,
  output: null,
  error: { type, message },
  conditions: {},
  durationMs: 0,
  peakMemoryMb: null,
  connections: [],
});

async function complete(
  host: ExecutionHost,
  run: ExecutableRun,
  job: JobNode,
  stepId: string,
  raw: StepResult,
  credentialName: string | null,
  logLines: number,
  outcomes: Outcome[],
): Promise<Outcome> {
  const decided = decideEdges(run.graph, { jobId: job.id }, raw.reason, raw.conditions);
  // An edge whose condition cannot be evaluated crashes the step that it leaves (OpenFn: EdgeConditionError).
  const result: StepResult =
    "undecided" in decided
      ? {
          ...raw,
          reason: "crash",
          error: decided.undecided.error ?? {
            type: "EdgeConditionError",
            message: "The condition of an edge could not be evaluated.",
          },
        }
      : raw;
  const outcome: Outcome = {
    reason: result.reason,
    takenEdgeIds: "undecided" in decided ? [] : decided.takenEdgeIds,
    errorType: result.error?.type ?? null,
    errorMessage: result.error?.message.slice(0, 500) ?? null,
    outputDataclipId: null,
    runEnded: false,
  };
  const runEnd = endAfter(run, [...outcomes, outcome]);
  const keep = kept(run.projectId, result);
  const [stored] = await host.storage.completeSteps([
    { stepId, result, kept: keep, takenEdges: outcome.takenEdgeIds, logLines, credentialName, runEnd },
  ]);
  const state = handedOn(result);
  if (state && keep?.body === null && stored?.outputDataclipId && !runEnd)
    host.held.hold(run.id, stored.outputDataclipId, state);
  host.announce(changesOf(run));
  // The runner forgets by itself after a while; nothing waits for it.
  void host.runner.forgetStep({ stepId, epoch: 0, attempt: 0 }).catch(() => {});
  return { ...outcome, outputDataclipId: stored?.outputDataclipId ?? null, runEnded: runEnd !== null };
}

/** What is stored is what happened, whoever stored it. */
function storedOutcome(run: ExecutableRun, step: StepRow, outcomes: Outcome[]): Outcome {
  const outcome: Outcome = {
    reason: step.exitReason ?? "lost",
    takenEdgeIds: step.takenEdges ?? [],
    errorType: step.errorType,
    errorMessage: step.errorMessage?.slice(0, 500) ?? null,
    outputDataclipId: step.outputDataclipId,
    runEnded: false,
  };
  return { ...outcome, runEnded: endAfter(run, [...outcomes, outcome]) !== null };
}

/** What pages show of a run that went on. */
export const changesOf = ({ projectId, id, messageId }: ExecutableRun): Announcement => ({
  projectId,
  runs: [id],
  messages: messageId ? [messageId] : [],
});

/** How the run ends when nothing follows these outcomes; null while something does. */
export function endAfter(run: Pick<ExecutableRun, "graph" | "start">, outcomes: Outcome[]): RunEnd | null {
  if (planNext(run.graph, run.start, outcomes).next) return null;
  const { state, errorType, errorMessage } = runResult(run.graph, run.start, outcomes);
  return { state, errorType, errorMessage };
}
