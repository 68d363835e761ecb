import { limits } from "@/lib/limits";
import { isAnswerStatus } from "./answer-status";

/** What a job's `state.webhookResponse` says to answer a sender who waits for the run. */
export type WebhookResponse = {
  /** Null: it says none. */
  status: number | null;
  /** JSON text; empty: it says none. */
  body: string;
};

const key = "webhookResponse";

/**
 * What a step's result says to answer; null when it says nothing of it, and whatever an earlier step said counts. What is
 * not as it should be is answered in words (OpenFn's). `state` is JSON text, as it may be shown.
 */
export function webhookResponseOf(state: string): WebhookResponse | null {
  // Most results have none, and are not read for it.
  if (!state.includes(`"${key}"`)) return null;
  const said = memberOf(parsed(state), key);
  if (!isRecord(said)) return null;
  const status = statusOf(memberOf(said, "status"));
  const body = bodyOf(memberOf(said, "body"));
  for (const part of [status, body]) if ("problem" in part) return malformed(part.problem);
  return { status: "value" in status ? status.value : null, body: "value" in body ? body.value : "" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Part<T> = { value: T } | { problem: string };

function statusOf(status: unknown): Part<number | null> {
  if (status === undefined || status === null) return { value: null };
  if (typeof status !== "number") return { problem: `status needs to be an integer, got: ${shown(status)}` };
  const code = Math.trunc(status);
  return isAnswerStatus(code)
    ? { value: code }
    : { problem: `status needs to be from 200 to 599, got: ${code}` };
}

function bodyOf(body: unknown): Part<string> {
  if (body === undefined || body === null) return { value: "" };
  if (!isRecord(body)) return { problem: `body needs to be a JSON object, got: ${shown(body)}` };
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.keptStateBytes)
    return { problem: `body needs to have at most ${limits.keptStateBytes} bytes, got: ${bytes}` };
  return { value: text };
}

const malformed = (problem: string): WebhookResponse => ({
  status: null,
  body: JSON.stringify({ message: `Run completed, but webhook_response was malformed: ${problem}` }),
});

const maxShown = 100;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const memberOf = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
