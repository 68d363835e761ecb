import { formatDuration } from "@/components/ui/format";
import type { StepSummary } from "@/lib/domain/run/types";

/** Which attempt of its job's policy a step is at, in a few words; "" for the only one. */
export function attemptWords({ attempt, retryAt }: Pick<StepSummary, "attempt" | "retryAt">): string {
  if (attempt === 1) return "";
  return retryAt ? `waits for attempt ${attempt}` : `attempt ${attempt}`;
}

/** How long an attempt took. */
export const tookWords = ({ startedAt, finishedAt }: { startedAt: string; finishedAt: string }): string =>
  formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));

/** That a step was done again by itself, in a few words; "" when it was not. It had sent nothing to anybody before. */
export const repeatedWords = (repeats: number): string =>
  repeats === 0 ? "" : `done again ${repeats === 1 ? "once" : `${repeats} times`} by itself`;
