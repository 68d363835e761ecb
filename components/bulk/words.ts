import { formatCount } from "@/components/ui/format";
import type { BulkAct, BulkActDetail } from "@/lib/domain/bulk/schemas";
import type { BulkKind, BulkState, BulkTarget, BulkWait } from "@/lib/words";

/** What an act is to be for: chosen ids, or a list's filter. */
export type BulkOf = {
  target: BulkTarget;
  ids?: string[];
  filter?: Record<string, string>;
  /** What the issue affects still. */
  issueId?: string;
};

/** What each kind of act is called, and what it does. */
export const kindWords: Record<BulkKind, { label: string; meaning: string }> = {
  rerun: {
    label: "Rerun",
    meaning: "What has run, once more, each on its own work order.",
  },
  reprocess: {
    label: "Process as new",
    meaning: "As if each message had just arrived: whatever asks for it now, also what has never run for it.",
  },
  cancel: {
    label: "Cancel",
    meaning: "What waits ends at once; what runs is stopped.",
  },
  release: {
    label: "Release",
    meaning: "The first run of what the plan has kept from running.",
  },
};

/** What a dialog about them is called: "Do with 3 messages", "Do with all runs that match". */
export function ofWords({ target, ids, filter }: BulkOf): string {
  if (target === "issue" && !ids) return "Rerun what is affected";
  if (ids) return `Do with ${countWords(target, ids.length)}`;
  const isAll = Object.keys(filter ?? {}).length === 0;
  return `Do with all ${nouns[target]}s${isAll ? "" : " that match"}`;
}

/** The kinds that there are for what is chosen, the usual one first. */
export const kindsFor: Record<BulkTarget, BulkKind[]> = {
  messages: ["rerun", "reprocess", "cancel", "release"],
  runs: ["rerun", "cancel"],
  rejected: ["release"],
  issue: ["rerun"],
};

const nouns: Record<BulkTarget, string> = {
  messages: "message",
  runs: "run",
  rejected: "rejected work order",
  issue: "affected work order",
};

/** "3 messages"; "more than 10,000 runs". */
export const countWords = (target: BulkTarget, count: number, isMore = false): string =>
  `${isMore ? "more than " : ""}${formatCount(count, nouns[target])}`;

export const stateWords: Record<BulkState, string> = {
  running: "under way",
  paused: "paused",
  done: "done",
  aborted: "aborted",
  undoing: "being undone",
  undone: "undone",
};

/** The colour of each state: that of the run state that it is most like. */
export const stateColours = {
  running: "running",
  paused: "pending",
  done: "success",
  aborted: "cancelled",
  undoing: "running",
  undone: "cancelled",
} as const satisfies Record<BulkState, string>;

const waitWords: Record<BulkWait, string> = {
  ten_seconds: "Waits until a job of the next message may start again: at most once in ten seconds.",
  rate: "Waits for the next minute's share of its rate.",
  room: "Waits until more of its runs have started.",
  round: "Waits until all its runs have ended, to look again.",
  plan: "Waits for the plan's next minute.",
};

/** What an act is waiting for, in a sentence; null when nothing holds it up. */
export const waiting = ({ state, waitsFor }: Pick<BulkAct, "state" | "waitsFor">): string | null =>
  state === "running" && waitsFor ? waitWords[waitsFor] : null;

/** What an act is for: "3 chosen messages"; "12 messages with state failure, job Payment". */
export function aboutWords({ target, chosen, filter, filterNames, total, isMore }: BulkAct): string {
  if (chosen !== null) return `${formatCount(chosen, `chosen ${nouns[target]}`)}`;
  const parts = Object.entries(filter ?? {}).map(([key, value]) => filterWords(key, value, filterNames[key]));
  const count = countWords(target, total, isMore);
  return parts.length > 0 ? `${count} with ${parts.join(", ")}` : `all ${count}`;
}

/** One part of a list's filter: "job Payment", "text “Amina”", "from 2026-11-25 08:00". */
function filterWords(key: string, value: string, name?: string): string {
  if (key === "text") return `text “${value}”`;
  if (key === "from" || key === "to") return `${key} ${value.slice(0, 16).replace("T", " ")}`;
  if (key === "state") return `state ${value.replaceAll("_", " ")}`;
  const thing = key === "bulk" ? "bulk act" : key;
  return name === undefined ? `a ${thing} that is gone` : `${thing} ${name}`;
}

/** How it does it: "latest version, from Payment, 60 a minute, up to 3 passes". */
export function howWords({ kind, version, jobName, ratePerMinute, maxRounds }: BulkAct): string {
  const parts = [
    ...(kind === "rerun"
      ? [version === "original" ? "the version that ran then" : "the version of now"]
      : []),
    ...(jobName ? [`from ${jobName} on`] : []),
    ratePerMinute === null ? "as fast as possible" : `${ratePerMinute.toLocaleString("en")} a minute`,
    ...(maxRounds > 1 ? [`up to ${maxRounds} times`] : []),
  ];
  return parts.join(", ");
}

/** Nothing of it changes any more. */
export const isOver = ({ state, runStates }: Pick<BulkActDetail, "state" | "runStates">): boolean =>
  (state === "done" || state === "aborted" || state === "undone") &&
  !runStates.some((one) => one.state === "pending" || one.state === "running");
