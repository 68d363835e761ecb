import { firstIdAt } from "@/lib/domain/id-range";
import type { Persistence, RetentionKind } from "@/lib/words";
import type { DaysOf, Retention } from "@/lib/workflow/types";

/**
 * The ids below which something is over: of a success, of anything else that ended, and of what nothing has processed yet
 * (no workflow asked for it, or the plan kept it from running). Nothing is below the lowest id.
 */
export type Cuts = { success: string; failure: string; unused: string };

export const lowest = "00000000-0000-0000-0000-000000000000";
const dayMs = 86_400_000;

const cutOf = (days: number | null, now: Date): string =>
  days === null ? lowest : firstIdAt(new Date(now.getTime() - days * dayMs));

const later = (a: string, b: string): string => (a > b ? a : b);

/** What is over however it went. */
const all = ({ success, failure }: Cuts): Cuts => {
  const both = success < failure ? success : failure;
  return { success: both, failure: both, unused: both };
};

/**
 * What is over now, by what retention walks through. `settled` is an id below which nothing comes any more: what is not to
 * be kept at all goes up to there.
 */
export function cutsOf(
  { retention, persistence }: { retention: Retention; persistence: Persistence },
  { now, settled }: { now: Date; settled: string },
): Record<RetentionKind, Cuts> {
  const history = cutOf(retention.history, now);
  const whole = { success: history, failure: history, unused: history };
  const daysCuts = ({ success, failure }: DaysOf): Cuts => {
    const unused = cutOf(failure, now);
    return { success: cutOf(success, now), failure: unused, unused };
  };
  const payloadCuts = (of: DaysOf): Cuts => {
    const cuts = daysCuts(of);
    if (persistence === "retain_all") return cuts;
    const success = later(cuts.success, settled);
    return persistence === "erase_all"
      ? { ...cuts, success, failure: later(cuts.failure, settled) }
      : { ...cuts, success };
  };
  const states = payloadCuts(retention.dataclips);
  const logs = daysCuts(retention.logs);
  return {
    messages: payloadCuts(retention.messages),
    outputs: states,
    inputs: states,
    logs,
    lines: all(logs),
    orders: whole,
    unmatched: whole,
  };
}

/** Whether nothing can be below a cut. */
export const isNone = (cut: string): boolean => cut === lowest;

/** Up to where retention walks: nothing beyond can be over. */
export const endOf = ({ success, failure, unused }: Cuts): string =>
  [success, failure, unused].reduce((most, cut) => later(most, cut), lowest);
