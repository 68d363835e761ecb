import { differenceOfTexts, newBudget } from "@/lib/difference/lines";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import type { WouldBeRequest } from "@/lib/runner/contract";
import type { ExitReason } from "@/lib/words";
import type { ReplayChange } from "./types";

/** One job of a version that ran on a message: the nth time, where it ran several times. */
export type RanJob = {
  jobId: string;
  jobName: string;
  reason: ExitReason;
  errorType: string | null;
  /** JSON text, as it may be shown. */
  output: string | null;
  requests: readonly WouldBeRequest[];
};

/** What differs between two versions on a message; `unsteady`: what differs between two runs of the first one, too. */
export type Compared = {
  changes: ReplayChange[];
  unsteady: { jobId: string; jobName: string; what: string }[];
};

/** What stands where something is another at every run. */
const changing = "(another at every run)";

/** Whether anything differs: then it is worth asking what of the saved version is the same twice. */
export const isSame = (before: readonly RanJob[], after: readonly RanJob[]): boolean =>
  compare(before, after, before).changes.length === 0;

/**
 * Compares what the saved version came to with what the draft did, job by job. The order of keys does not count. `again` is the
 * saved version once more: where it differs from itself nothing is said of the draft.
 */
export function compare(
  before: readonly RanJob[],
  after: readonly RanJob[],
  again: readonly RanJob[],
): Compared {
  const [old, young, other] = [before, after, again].map(byPlace) as [Placed, Placed, Placed];
  const budget = newBudget();
  const changes: ReplayChange[] = [];
  const unsteady: Compared["unsteady"] = [];
  for (const key of new Set([...old.keys(), ...young.keys()])) {
    const [was, is] = [old.get(key), young.get(key)];
    const of = is ?? was;
    if (!of) continue;
    const { jobId, jobName } = of;
    const [endWas, endIs] = [endOf(was), endOf(is)];
    const twice = other.get(key);
    if (endOf(twice) !== endWas) unsteady.push({ jobId, jobName, what: "end" });
    else if (endWas !== endIs)
      changes.push({ jobId, jobName, what: "end", before: endWas, after: endIs, difference: null });
    if (!was || !is) continue;
    for (const what of ["output", "requests"] as const) {
      const steady = withoutUnsteady(partOf(was, what), partOf(is, what), twice && partOf(twice, what));
      if (steady.isUnsteady) unsteady.push({ jobId, jobName, what });
      const difference = differenceOfTexts(steady.before, steady.after, budget);
      if (difference) changes.push({ jobId, jobName, what, ...countsOf(was, is, what), difference });
    }
  }
  return { changes, unsteady };
}

type Placed = Map<string, RanJob>;

/** Further executions of a job are others. */
function byPlace(jobs: readonly RanJob[]): Placed {
  const seen = new Map<string, number>();
  return new Map(
    jobs.map((job) => {
      const times = seen.get(job.jobId) ?? 0;
      seen.set(job.jobId, times + 1);
      return [`${job.jobId} ${times}`, job];
    }),
  );
}

const endOf = (job: RanJob | undefined): string =>
  job ? (job.errorType ? `${job.reason}: ${job.errorType}` : job.reason) : "was not run";

const countsOf = (was: RanJob, is: RanJob, what: "output" | "requests") =>
  what === "output" ? { before: null, after: null } : { before: counted(was), after: counted(is) };
const counted = ({ requests }: RanJob) =>
  `${requests.length} ${requests.length === 1 ? "request" : "requests"}`;

function partOf(job: RanJob, what: "output" | "requests"): unknown {
  if (what === "requests") return job.requests.map((request) => ({ ...request, body: asData(request.body) }));
  return job.output === null ? null : asData(job.output);
}

/** The data of a JSON text, whose order of keys does not count; another text as it is. */
function asData(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** Both as texts to be compared by lines, keys in order, without what differs between two runs of the first. */
function withoutUnsteady(before: unknown, after: unknown, again: unknown) {
  const unsteady = again === undefined ? false : differs(before, again);
  const [old, young] = unsteady
    ? [masked(before, before, again), masked(after, before, again)]
    : [before, after];
  return { before: textOf(old), after: textOf(young), isUnsteady: unsteady };
}

const textOf = (value: unknown): string => stringifyExact(ordered(value), 2);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;

const differs = (a: unknown, b: unknown): boolean => textOf(a) !== textOf(b);

/** `value` with a mark wherever two runs of the same differ: deep where they have the same shape, else whole. */
function masked(value: unknown, one: unknown, two: unknown): unknown {
  if (!differs(one, two)) return value;
  if (isObject(one) && isObject(two) && isObject(value))
    return Object.fromEntries(
      [...new Set([...Object.keys(value), ...Object.keys(one), ...Object.keys(two)])].flatMap((key) =>
        key in value || differs(one[key], two[key]) ? [[key, masked(value[key], one[key], two[key])]] : [],
      ),
    );
  if (Array.isArray(one) && Array.isArray(two) && Array.isArray(value) && one.length === two.length)
    return value.map((item, n) => (n < one.length ? masked(item, one[n], two[n]) : item));
  return changing;
}

/** Keys in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value ?? null;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  );
}
