import type { ExitReason } from "@/lib/words";

const ofReason: Record<ExitReason, number> = {
  success: 0,
  fail: 1,
  crash: 10,
  kill: 11,
  cancel: 6,
  exception: 3,
  lost: 5,
};

const ofType: Record<string, number> = { TimeoutError: 2, OomError: 134, RunnerError: 5 };

/**
 * The exit code of one execution of a job, as OpenFn's first platform numbers them (seed 1; reference: platform §1a): 0
 * success, 1 error, 2 timeout, 3 failed to start, 5 the platform's fault, 6 aborted by a person, 10 the job could not be
 * compiled or run, 11 ended without a code, 134 out of memory. Null while it runs.
 */
export function exitCode(reason: ExitReason | null, errorType: string | null): number | null {
  if (reason === null) return null;
  return (
    (reason === "success" || reason === "cancel" ? undefined : ofType[errorType ?? ""]) ?? ofReason[reason]
  );
}
