import { inTime } from "@/lib/in-time";

/** Why a process cannot do its work just now, in a few words that anybody may read; null when it can. */
export type Problem = string | null;

type Options = {
  /** For how long an answer is good, in milliseconds. */
  freshMs?: number;
  /** How long a check may take before it counts as a problem itself, in milliseconds. */
  patienceMs?: number;
};

/**
 * Asks `check` at most once in `freshMs`, however many want to know, one check at a time, and never waits longer than
 * `patienceMs` for it. What `check` throws is a problem without words of its own: an error may name addresses.
 */
export function readiness(
  check: () => Promise<Problem> | Problem,
  { freshMs = 1_000, patienceMs = 2_000 }: Options = {},
): () => Promise<Problem> {
  let known: { problem: Problem; at: number } | undefined;
  let asking: Promise<Problem> | undefined;

  const ask = async (): Promise<Problem> => {
    const problem = await Promise.resolve()
      .then(check)
      .catch(() => "cannot be checked");
    known = { problem, at: performance.now() };
    asking = undefined;
    return problem;
  };
  return () => {
    if (known && performance.now() - known.at < freshMs) return Promise.resolve(known.problem);
    if (asking) return asking;
    const checked = ask();
    // Until the check ends, which it may never: nobody else waits for it.
    asking = inTime(checked, patienceMs).catch(() => `no answer within ${patienceMs / 1000} s`);
    return asking;
  };
}
