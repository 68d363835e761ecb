import type { RecentInput, SavedInput } from "@/lib/domain/dataclip/types";
import { parseExact } from "@/lib/exact-json";
import type { WorkflowGraph } from "@/lib/workflow/types";

/** Where the input comes from. */
export const sources = ["recent", "saved", "message", "json", "empty"] as const;
export type Source = (typeof sources)[number];

/** What a person has chosen so far. */
export type Choice = {
  /** A trigger's or a job's id. */
  startId: string;
  source: Source;
  recent: RecentInput | null;
  saved: SavedInput | null;
  messageId: string;
  json: string;
  /** Saves the JSON under this name; empty: it is not saved. */
  name: string;
};

/** What is sent; a sentence when something is missing. */
export type Request = {
  triggerId?: string;
  jobId?: string;
  messageId?: string;
  dataclipId?: string;
  json?: unknown;
  name?: string;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The message that a text names: its id, or the address of its receipt, which ends with it. */
function messageIn(text: string): string | null {
  const last =
    text
      .trim()
      .replace(/[?#].*$/, "")
      .split("/")
      .at(-1) ?? "";
  return uuid.test(last) ? last : null;
}

/** Turns the choice into a request, or says what is missing. */
export function requestOf(choice: Choice, graph: WorkflowGraph): Request | string {
  const isJob = graph.jobs.some(({ id }) => id === choice.startId);
  const start = isJob ? { jobId: choice.startId } : { triggerId: choice.startId };
  const input = inputOf(choice);
  return typeof input === "string" ? input : { ...start, ...input };
}

function inputOf({ source, recent, saved, messageId, json, name }: Choice): Omit<Request, "jobId"> | string {
  if (source === "empty") return {};
  if (source === "json") {
    const problem = jsonProblem(json);
    return problem ?? { json: parseExact(json), ...(name.trim() ? { name: name.trim() } : {}) };
  }
  if (source === "message") {
    const id = messageIn(messageId);
    return id ? { messageId: id } : "Paste the address of the message's receipt, or its id.";
  }
  if (source === "saved") return saved ? { dataclipId: saved.id } : "Choose a saved input.";
  if (!recent) return "Choose an input.";
  return recent.dataclipId ? { dataclipId: recent.dataclipId } : { messageId: recent.messageId ?? "" };
}

/** Why a text is no state; null when it is one. */
export function jsonProblem(text: string): string | null {
  if (text.trim() === "") return "Paste a JSON object.";
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? null
      : 'A state is a JSON object, such as {"data": {"id": 1}}.';
  } catch (error) {
    return `This is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read."}`;
  }
}

/** The jobs that a run would begin with. */
export function firstJobs(graph: WorkflowGraph, startId: string): string[] {
  const nameOf = (id: string) => graph.jobs.find((job) => job.id === id)?.name;
  const own = nameOf(startId);
  if (own !== undefined) return [own];
  return graph.edges
    .filter((edge) => edge.enabled && edge.sourceTriggerId === startId)
    .flatMap((edge) => nameOf(edge.targetJobId) ?? []);
}
