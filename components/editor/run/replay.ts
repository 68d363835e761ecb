import { formatCount } from "@/components/ui/format";
import type { ReplayChange, Replayed } from "@/lib/domain/test-run/types";

/** So many messages are asked about at a time. */
const batchSize = 10;
export const mostReplayed = 200;
export const usuallyReplayed = 50;

export type ReplayedMessage = Replayed["items"][number];

/** How a replay stands. */
export type Replay = {
  /** Asked about, in this order. */
  messageIds: readonly string[];
  compared: readonly ReplayedMessage[];
  isRunning: boolean;
};

export type Batch = { triggerId: string | null; messageIds: string[] };

/**
 * Messages as they are asked about: those that one trigger took together. `triggers`: of the draft; what another one took
 * starts where the server finds best.
 */
export function batchesOf(
  messages: readonly { id: string; triggerId: string | null }[],
  triggers: readonly { id: string }[],
): Batch[] {
  const startOf = ({ triggerId }: { triggerId: string | null }) =>
    triggers.some(({ id }) => id === triggerId) ? triggerId : null;
  return [...new Set(messages.map(startOf))].flatMap((triggerId) => {
    const ids = messages.filter((message) => startOf(message) === triggerId).map(({ id }) => id);
    return Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, nth) => ({
      triggerId,
      messageIds: ids.slice(nth * batchSize, (nth + 1) * batchSize),
    }));
  });
}

/** Compared messages by what came of them, each part in the order of the messages. */
export function sorted(compared: readonly ReplayedMessage[]) {
  return {
    changed: compared.filter(({ changes }) => changes.length > 0),
    /** Nothing else differs, but they are not the same twice with the saved version either. */
    unsteady: compared.filter(
      ({ changes, unsteady, problem }) => changes.length === 0 && unsteady.length > 0 && problem === null,
    ),
    skipped: compared.filter(({ problem }) => problem !== null),
    same: compared.filter(
      ({ changes, unsteady, problem }) => changes.length === 0 && unsteady.length === 0 && problem === null,
    ).length,
  };
}

/** What a replay came to, in a sentence or two. */
export function replayWords({ messageIds, compared, isRunning }: Replay): string {
  const progress = `${compared.length} of ${formatCount(messageIds.length, "message")}`;
  const { changed, unsteady, skipped } = sorted(compared);
  const found =
    changed.length === 0
      ? "none changed"
      : `${formatCount(changed.length, "message")} ${changed.length === 1 ? "changes" : "change"}`;
  const apart = [
    ...(unsteady.length > 0 ? [`${unsteady.length} not steady`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} not compared`] : []),
  ].join(", ");
  const rest = apart ? ` (${apart})` : "";
  if (isRunning) return `${progress} replayed: ${found} so far${rest}.`;
  if (compared.length < messageIds.length) return `Stopped after ${progress}: ${found}${rest}.`;
  return `All of ${formatCount(messageIds.length, "message")} replayed: ${found}${rest}.`;
}

const whatWords: Record<ReplayChange["what"], string> = {
  end: "ends otherwise",
  output: "another output",
  requests: "other requests",
};

/** "Payment: other requests", "Payment: ends otherwise, success before, failed now". */
export function changeWords({ jobName, what, before, after }: ReplayChange): string {
  const said = what === "end" || before !== after ? [before, after] : [null, null];
  const [was, is] = said;
  const sides = [...(was ? [`${was} before`] : []), ...(is ? [`${is} now`] : [])].join(", ");
  return `${jobName}: ${whatWords[what]}${sides ? `, ${sides}` : ""}`;
}
