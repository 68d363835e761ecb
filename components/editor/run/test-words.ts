import { formatDuration, shortId } from "@/components/ui/format";
import { triggerName } from "@/components/workflows/edge-words";
import type { TestRow, TestRun } from "@/lib/domain/test-run/types";
import type { DraftGraph } from "@/lib/editor/graph";
import type { RunState, TestMode, TestSource, TestState } from "@/lib/words";

/** A test's state in the words of runs. */
export const runWordOf = (state: TestState): RunState => (state === "waiting" ? "pending" : state);

export const modeWords: Record<TestMode, { name: string; says: string }> = {
  record: {
    name: "Record",
    says: "Nothing is sent. Requests are shown, and answered with an empty success.",
  },
  send: {
    name: "Send",
    says: "Requests are really sent, with the jobs' credentials. The result is a test all the same.",
  },
};

/** What became of a test's requests. */
export const sentWords = ({ mode, steps }: Pick<TestRun, "mode" | "steps">): string => {
  if (mode === "record") return "Nothing was sent.";
  const hosts = hostsOf(steps);
  return hosts.length === 0 ? "It sent nothing." : `It really sent to ${listed(hosts)}.`;
};

/** Whom the steps connected to, each once. */
export const hostsOf = (steps: Pick<TestRun["steps"][number], "connections">[]): string[] => [
  ...new Set(
    steps.flatMap(({ connections }) =>
      connections.filter(({ refused }) => !refused).map(({ host, port }) => `${host}:${port}`),
    ),
  ),
];

/** Whom a recorded test would have sent to, each once. */
export const recordedHosts = (steps: Pick<TestRun["steps"][number], "requests">[]): string[] => [
  ...new Set(steps.flatMap(({ requests }) => requests.map(({ host, port }) => `${host}:${port}`))),
];

const mostListed = 5;

/** "a, b and c"; of many the first, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.at(-1);
  return shown.length < 2 ? (last ?? "") : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

const sourceWords: Record<TestSource, string> = {
  hand: "Asked for",
  url: "Came to the test URL",
  clock: "By the schedule",
};

export const whyMade = ({ source }: Pick<TestRow, "source">): string => sourceWords[source];

/** Where a test began: "Webhook", "Payment alone", "from Payment". */
export function whereBegun(
  { triggerId, jobId, alone }: Pick<TestRow, "triggerId" | "jobId" | "alone">,
  { triggers, jobs }: Pick<DraftGraph, "triggers" | "jobs">,
): string {
  if (jobId !== null) {
    const name = jobs.find(({ id }) => id === jobId)?.name ?? "a job that is gone";
    return alone ? `${name} alone` : `from ${name}`;
  }
  const type = triggers.find(({ id }) => id === triggerId)?.type;
  return type ? `from ${triggerName(type)}` : "from a trigger that is gone";
}

/** What a test began with. */
export function begunWith({ inputOf, messageId }: Pick<TestRow, "inputOf" | "messageId">): string {
  switch (inputOf) {
    case "message":
      return messageId ? `message ${shortId(messageId)}` : "a message that is gone";
    case "dataclip":
      return "a stored state";
    case "step":
      return "what a step began with";
    case "json":
      return "pasted JSON";
    case "clock":
      return "what the schedule hands on";
    case "none":
      return "an empty state";
    default:
      return inputOf satisfies never;
  }
}

/** How long a test took; empty while it has not ended. */
export function tookWords({ startedAt, finishedAt }: Pick<TestRow, "startedAt" | "finishedAt">): string {
  if (!startedAt || !finishedAt) return "";
  return `after ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
}
