import { z } from "zod";
import { shownOutput } from "@/lib/domain/run/trial";
import { connection, logRow, stepError, wouldBeRequest } from "@/lib/domain/run/types";
import { limits } from "@/lib/limits";
import type { Persistence } from "@/lib/words";
import type { EndedStep } from "./walk-test";

/** What is stored of a test's step besides its columns, as it may be shown. */
const content = z.object({
  /** Of a step that follows none; others began with what the step before them handed on. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  error: stepError.nullable(),
  logs: z.array(logRow),
  requests: z.array(wouldBeRequest),
  connections: z.array(connection),
});
export type StepContent = z.infer<typeof content>;

/** A step's content from its text; of one that has none yet, nothing. */
export const readContent = (text: string | null): StepContent =>
  text === null
    ? { input: null, output: null, error: null, logs: [], requests: [], connections: [] }
    : content.parse(JSON.parse(text));

/** What of a step is kept, of so many bytes that are left; `isCut` when that is not all. */
export function keptContent(
  { planned, input, result, logs }: EndedStep,
  leftBytes: number,
  persistence: Persistence,
): { text: string; isCut: boolean } {
  const whole: StepContent = {
    input: planned.fromOrdinal === null ? input.shown : null,
    output: shownOutput(result),
    error: result.error,
    logs,
    requests: result.requests ?? [],
    connections: result.connections,
  };
  return fitting(
    persistence === "erase_all" ? withoutPayload(whole) : { content: whole, isCut: false },
    leftBytes,
  );
}

type Cut = { content: StepContent; isCut: boolean };

/** What a project that keeps nothing of what is handed on keeps of it. */
export const withoutPayload = (whole: StepContent): Cut => ({
  content: { ...whole, input: null, output: null, requests: [] },
  isCut: true,
});

const parts = ["input", "output", "requests", "logs", "connections"] as const;

/** The largest parts go first, whole; at the end only how it ended is left. */
function fitting({ content, isCut }: Cut, leftBytes: number): { text: string; isCut: boolean } {
  let left: StepContent = content;
  const bySize = parts
    .map((part) => ({ part, size: JSON.stringify(content[part]).length }))
    .sort((a, b) => b.size - a.size);
  for (const { part } of bySize) {
    const text = JSON.stringify(left);
    if (Buffer.byteLength(text) <= leftBytes) return { text, isCut: isCut || left !== content };
    left = { ...left, [part]: part === "input" || part === "output" ? null : [] };
  }
  return { text: JSON.stringify({ ...left, error: shortError(left) }), isCut: true };
}

/** However little is left, how a step ended is said. */
const shortError = ({ error }: StepContent) =>
  error && { type: error.type.slice(0, 200), message: error.message.slice(0, 1_000) };

/** All that a test may keep. */
export const allBytes = limits.testBytes;
