import { RetryAfterError } from "inngest";
import { RunnerUnavailableError } from "@/lib/execution/run-step";
import { Refusal } from "@/lib/refusal";

const words = "No job runner takes the run at the moment.";
/** In seconds. */
export const againIn = 15;

/**
 * Does `work`. While no runner takes anything, Inngest delivers the run again in a quarter of a minute, however often it
 * did before: its own pauses grow to hours, and a runner that is back would go on waiting for work.
 */
export async function againSoon<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAway(error)) throw error;
    throw new RetryAfterError(words, `${againIn}s`, { cause: error });
  }
}

/** Whether nothing is wrong with the run: no runner took it, or its message lies apart where nobody answers (lib/payloads). */
export const isAway = (error: unknown): boolean =>
  error instanceof RunnerUnavailableError || (error instanceof Refusal && error.code === "unavailable");

/** Whether a delivery has failed for good only because no runner took the run: its last error, by its words. */
export const wasRunnerAway = (error: unknown): boolean => error instanceof Error && error.message === words;
