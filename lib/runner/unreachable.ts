import { Refusal } from "@/lib/refusal";

/** What a caller of `Runner` is told when no runner answers; `cause` is for the log. */
export function unreachable(cause?: unknown): Refusal {
  const refusal = new Refusal(
    "unavailable",
    "The job runner does not answer. Check that it is running, then try again.",
    undefined,
    5,
  );
  if (cause !== undefined) refusal.cause = cause;
  return refusal;
}
