import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { openStoredCredential, runnersId } from "@/lib/domain/credential/open";
import { chooseCredential } from "@/lib/domain/keychain/choose";
import { limits } from "@/lib/limits";
import { Refusal } from "@/lib/refusal";
import { mentionsCollections } from "@/lib/runner/collections";
import {
  type EdgeExpression,
  type LogLine,
  type MessageBytes,
  NotStartedError,
  type Runner,
  type StepLimits,
  type StepRequest,
  type StepResult,
} from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";
import { unreachable } from "@/lib/runner/unreachable";
import type { SecretState } from "@/lib/state/sealed";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import type { JobNode } from "@/lib/workflow/types";
import type { LogRow } from "./types";

/** Jobs that are tried, apart from everything that is live: dry runs and tests of drafts. */

/** A credential as a runner gets it. */
export type TrialCredential = {
  id: string;
  body: Record<string, unknown>;
  allowedHosts: string[] | null;
};

export type Trial = {
  /** Names the step among all that the runner has. */
  id: string;
  runId: string;
  projectId: string;
  job: Pick<JobNode, "id" | "name" | "body" | "adaptor">;
  adaptorVersion: string;
  input: SecretState;
  message: MessageBytes | null;
  credential: TrialCredential | null;
  /** Hosts that the project allows; null = any public one. */
  onlyHosts: string[] | null;
  conditions: EdgeExpression[];
  limits: Partial<StepLimits>;
  /** What a job that mentions collections is given. */
  collectionsToken: string;
  /** Nothing is sent. */
  isRecorded: boolean;
};

/** What bounds a job whose requests are recorded. */
export const recordedLimits = {
  timeoutMs: 30_000,
  maxLogLines: limits.dryRunLogLines,
  maxLogBytes: 1_000_000,
} as const;

/** The request for a job that is tried; its code may be nobody's, so its worker serves no other step. */
export const trialRequest = (trial: Trial): StepRequest => {
  const { job, input, message, credential, onlyHosts } = trial;
  return {
    stepId: trial.id,
    runId: trial.runId,
    projectId: trial.projectId,
    job: {
      id: job.id,
      name: job.name,
      source: job.body,
      adaptor: { name: adaptorName(job.adaptor), version: trial.adaptorVersion },
    },
    input: input.text,
    ...(message ? { message } : {}),
    ...(mentionsCollections(job.body) ? { collections: { token: trial.collectionsToken } } : {}),
    ...(input.hidden.length > 0 ? { hidden: input.hidden } : {}),
    configuration: credential?.body ?? null,
    credentialId: credential?.id ?? null,
    conditions: trial.conditions,
    limits: trial.limits,
    isAlone: true,
    egress: {
      ...(trial.isRecorded ? { record: true } : {}),
      ...(onlyHosts ? { onlyHosts } : {}),
      ...(credential?.allowedHosts ? { credentialHosts: credential.allowedHosts } : {}),
    },
  };
};

/**
 * The credential of a job, or that which its keychain chooses for this input, as it is stored: renewing its token would
 * be a request that is sent. Null when the job has none. Throws as `openStoredCredential` and `chooseCredential`.
 */
export async function storedCredential(
  db: Db,
  projectId: string,
  { projectCredentialId, keychainCredentialId }: JobNode,
  input: SecretState,
): Promise<TrialCredential | null> {
  const id =
    keychainCredentialId === null
      ? projectCredentialId
      : await chooseCredential(db, keychainCredentialId, projectId, input.text);
  if (id === null) return null;
  const { body, env, allowedHosts } = await openStoredCredential(db, id, projectId);
  return { id: runnersId(id, env), body, allowedHosts };
}

/** Has a runner run it, once. Throws `unavailable` when it does not answer; `NotStartedError` when nothing was begun. */
export async function runTrial(
  runner: Runner,
  request: StepRequest,
  signal: AbortSignal | undefined,
): Promise<{ result: StepResult; logs: LogRow[] }> {
  const lines: LogLine[] = [];
  try {
    const result = await runner.runStep(request, (more) => lines.push(...more), signal);
    const logs = lines.slice(0, limits.dryRunLogLines);
    return { result, logs: logs.map((line) => ({ ...line, at: iso(new Date(line.at)) })) };
  } catch (error) {
    if (error instanceof Refusal || error instanceof NotStartedError) throw error;
    throw unreachable(error);
  } finally {
    void runner.forgetStep(refOf(request)).catch(() => {});
  }
}

/** What a result hands on as it may be shown. */
export const shownOutput = ({ output, shown }: StepResult): string | null => shown?.text ?? output;
