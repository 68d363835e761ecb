import type { ExitReason } from "@/lib/words";
import { errorTypes, shownErrorType } from "./error-types";
import type { JobNode, RetryPolicy, StepError } from "./types";

/** How an attempt ended. */
export type Ended = { reason: ExitReason; error: StepError | null };

/** The attempt that follows one that failed, and how long it is waited for. */
export type NextAttempt = {
  delayMs: number;
  /** The other system said when to come again. */
  isAsked: boolean;
};

/**
 * Reasons after which nothing is tried again, whatever a policy names: nobody can say what a lost step has done, and a
 * person who cancelled a run wants no more of it.
 */
const never: readonly ExitReason[] = ["success", "lost", "cancel"];

/**
 * What a job's policy says after an attempt, the first being 1; null when that was the last. Failures of the job's code or
 * adaptor are tried again, or, where the policy names types, errors of these types alone. The pause doubles from
 * `delaySeconds`, and `random` (0 to 1) takes up to half of it away, so that what failed together does not come back
 * together. Where the other system's answer has a `Retry-After`, that counts instead. Nothing is longer than
 * `maxDelaySeconds`.
 */
export function nextAttempt(
  policy: RetryPolicy | null,
  attempt: number,
  ended: Ended,
  now: Date,
  random: () => number,
): NextAttempt | null {
  if (!policy || attempt >= policy.attempts || !isWorthIt(policy, ended)) return null;
  const maxMs = policy.maxDelaySeconds * 1000;
  const askedMs = retryAfterMs(ended.error?.details, now);
  if (askedMs !== null) {
    const spreadMs = random() * Math.max(1000, askedMs / 10);
    return { delayMs: Math.round(Math.min(maxMs, askedMs + spreadMs)), isAsked: true };
  }
  const backOffMs = Math.min(maxMs, policy.delaySeconds * 1000 * 2 ** (attempt - 1));
  return { delayMs: Math.round(backOffMs * (1 - random() / 2)), isAsked: false };
}

function isWorthIt({ errorTypes: named }: RetryPolicy, { reason, error }: Ended): boolean {
  if (never.includes(reason)) return false;
  if (named === null) return reason === "fail";
  const said = error ? [error.type, error.adaptorType ?? error.type] : [];
  return said.some((type) => named.some((one) => shownErrorType(one) === shownErrorType(type)));
}

const maxDepth = 5;
const maxVisited = 500;
const maxHeaderChars = 64;

/**
 * The wait that the `Retry-After` header of an answer asks for, in milliseconds; null when there is none that can be
 * read. `details` is what the adaptor's error carries: the headers of the answer are somewhere in it (`headers` of
 * @openfn/language-common's, `response.headers` of others').
 */
export function retryAfterMs(details: unknown, now: Date): number | null {
  const queue: { value: unknown; depth: number }[] = [{ value: details, depth: 0 }];
  for (let visited = 0; visited < maxVisited; visited++) {
    const next = queue.shift();
    if (!next) return null;
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    const entries = Object.entries(value);
    const headers = entries.find(([key]) => key === "headers")?.[1];
    const asked = isRecord(headers) ? fromHeaders(headers, now) : null;
    if (asked !== null) return asked;
    if (depth < maxDepth)
      queue.push(...entries.slice(0, 100).map(([, one]) => ({ value: one, depth: depth + 1 })));
  }
  return null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fromHeaders(headers: Record<string, unknown>, now: Date): number | null {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  const text = String(Array.isArray(found) ? found[0] : (found ?? "")).trim();
  if (text === "" || text.length > maxHeaderChars) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // A date, in one of HTTP's three forms: all begin with the day's name.
  const isDate = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text);
  const at = isDate ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

/** The least and the most of each number. */
export const retryBounds = {
  attempts: [2, 20],
  delaySeconds: [1, 86_400],
  maxDelaySeconds: [1, 86_400],
} as const satisfies Partial<Record<keyof RetryPolicy, readonly [number, number]>>;

/** Error types that a policy may name. */
export const maxNamedTypes = 50;

/** Why a policy cannot be obeyed as it stands: a sentence each; empty when it can. */
export function retryProblems(policy: RetryPolicy): string[] {
  const { delaySeconds, maxDelaySeconds, errorTypes: named } = policy;
  const problems: string[] = [];
  for (const [field, [least, most]] of Object.entries(retryBounds)) {
    const value = policy[field as keyof typeof retryBounds];
    if (value < least || value > most)
      problems.push(`${field} is ${value}. Make it ${least} to ${most.toLocaleString("en")}.`);
  }
  if (named && (named.length === 0 || named.length > maxNamedTypes))
    problems.push(
      `errorTypes names ${named.length} types. Name 1 to ${maxNamedTypes}, or leave it out for every failure.`,
    );
  if (maxDelaySeconds < delaySeconds)
    problems.push(
      `The longest pause (${maxDelaySeconds} s) is shorter than the first one (${delaySeconds} s). Make maxDelaySeconds at least delaySeconds.`,
    );
  for (const type of named ?? []) {
    const shown = shownErrorType(type);
    const { reason } = Object.hasOwn(errorTypes, shown)
      ? errorTypes[shown as keyof typeof errorTypes]
      : { reason: null };
    if (reason !== null && never.includes(reason))
      problems.push(
        reason === "lost"
          ? `${type} is never tried again by itself: nobody can say what a lost step has done. Leave it out.`
          : `${type} is never tried again by itself: a person wanted the run to end. Leave it out.`,
      );
    else if (shown === "EdgeConditionError")
      problems.push(`${type} is about what follows the job, which has succeeded by then. Leave it out.`);
  }
  return problems;
}

/** A policy in words: `up to 4 attempts, 10 s apart at first, 1 h at most, after TimeoutError`. */
export function retryWords({
  attempts,
  delaySeconds,
  maxDelaySeconds,
  errorTypes: named,
}: RetryPolicy): string {
  const types = named === null ? "any failure" : named.join(", ");
  return `up to ${attempts} attempts, the second about ${seconds(delaySeconds)} after the first, at most ${seconds(maxDelaySeconds)} apart, after ${types}`;
}

const seconds = (count: number): string => {
  if (count % 3600 === 0) return `${count / 3600} h`;
  return count % 60 === 0 ? `${count / 60} min` : `${count} s`;
};

/** What the log says between two attempts. */
export function pauseNote(
  { retry }: Pick<JobNode, "retry">,
  attempt: number,
  { error }: Ended,
  { delayMs, isAsked }: NextAttempt,
): string {
  const said = (error?.message ?? "").slice(0, 500).trim();
  const cause = `${error?.type ?? "an error"}${said ? `: ${said}` : ""}`;
  const next = `The next one begins in ${(delayMs / 1000).toFixed(1)} s`;
  return `Attempt ${attempt} of ${retry?.attempts ?? attempt} failed with ${cause}${/[.!?]$/.test(cause) ? "" : "."} ${next}${isAsked ? ", as the other system asked (Retry-After)" : ""}.`;
}
