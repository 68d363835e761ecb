import { jsonProblem } from "@/components/manual-run/choice";
import { shortId } from "@/components/ui/format";
import type { DraftGraph } from "@/lib/editor/graph";
import { type ExactJson, parseExact } from "@/lib/exact-json";

/** What a draft is tried on. The pasted text of `json` is kept beside it. */
export type TestInput =
  | { kind: "message" | "step"; id: string }
  | { kind: "dataclip"; id: string; name: string | null }
  | { kind: "json" }
  | { kind: "none" };

/** Where an input is chosen. */
export const inputSources = ["recent", "saved", "ran", "json", "none"] as const;
export type InputSource = (typeof inputSources)[number];

export type InputBody =
  | { messageId: string }
  | { dataclipId: string }
  | { stepId: string }
  | { json: ExactJson }
  | Record<never, never>;

/** The input as a test is asked with it; a sentence when something is missing. */
export function inputBody(input: TestInput, json: string): InputBody | string {
  switch (input.kind) {
    case "message":
      return { messageId: input.id };
    case "step":
      return { stepId: input.id };
    case "dataclip":
      return { dataclipId: input.id };
    case "json":
      return jsonProblem(json) ?? { json: parseExact(json) };
    case "none":
      return {};
    default:
      return input satisfies never;
  }
}

/** What an input is called. */
export function inputName(input: TestInput): string {
  switch (input.kind) {
    case "message":
      return `Message ${shortId(input.id)}`;
    case "step":
      return `What step ${shortId(input.id)} began with`;
    case "dataclip":
      return input.name ?? `Stored state ${shortId(input.id)}`;
    case "json":
      return "Pasted JSON";
    case "none":
      return "An empty state";
    default:
      return input satisfies never;
  }
}

/** Where the input is chosen that is chosen. */
export function sourceOf(input: TestInput): InputSource {
  if (input.kind === "json" || input.kind === "none") return input.kind;
  if (input.kind === "message") return "recent";
  return input.kind === "dataclip" && input.name !== null ? "saved" : "ran";
}

/** What the page's address asks for: the first of a message, a step and a stored state. */
export function namedInput(query: URLSearchParams): TestInput | null {
  const [message, step, dataclip] = ["message", "step", "dataclip"].map((key) => idIn(query.get(key)));
  if (message) return { kind: "message", id: message };
  if (step) return { kind: "step", id: step };
  return dataclip ? { kind: "dataclip", id: dataclip, name: null } : null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const idIn = (text: string | null): string | null => (text !== null && uuid.test(text) ? text : null);

/** Whether messages are what the draft begins with, as far as it says. */
export const takesMessages = ({ triggers }: Pick<DraftGraph, "triggers">): boolean =>
  triggers.length === 0 || triggers.some(({ type }) => type === "message_filter" || type === "webhook");
