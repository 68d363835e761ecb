import { GoneError, isTooLarge, isWithheld, type Kept, kept as keptResult, stateOf } from "@/lib/state/kept";
import { sealState } from "@/lib/state/sealed";
import { isFailure } from "@/lib/workflow/outcome";
import type { ExecutionHost } from "./host";
import { type HeldRun, inputOf } from "./load-run";
import type { Completion } from "./storage";

/**
 * What the runs begin with that a step's end starts in other workflows, when it is not its output. After a failure: what
 * the step began with, and its log as `error` (reference: platform §1a, catch trigger). After a success without a result:
 * nothing. Null: its output.
 */
export async function handedOver(
  host: ExecutionHost,
  run: HeldRun,
  { stepId, result, kept }: Completion,
): Promise<Kept | null> {
  if (!isFailure(result.reason)) {
    if (!kept) return keptOf(run.projectId, nothing);
    // It is stored for those who begin with it, until their runs have ended.
    return isWithheld(kept) ? keptResult(run.projectId, result) : null;
  }
  const { inputDataclipId, lines } = await host.storage.stepBeginning(stepId, maxLines);
  const { type, message } = result.error ?? { type: "Error", message: "The job failed." };
  const error = [...lines, `${type}: ${message}`].map((line) => line.slice(0, maxLineChars));
  const { text, shown, hidden } = await inputOfStep(host, run, inputDataclipId);
  return keptOf(run.projectId, { text: withError(text, error), shown: withError(shown, error), hidden });
}

/** Of a log that may be long, its end. */
const maxLines = 500;
const maxLineChars = 10_000;

/** `shown` is the text as it may be shown. */
type Input = { text: string; shown: string; hidden: string[] };

const nothing: Input = { text: "{}", shown: "{}", hidden: [] };

/** What is gone is not there: the run that catches the failure has the error alone. */
async function inputOfStep(host: ExecutionHost, run: HeldRun, inputId: string | null): Promise<Input> {
  try {
    if (!inputId) {
      const [stored] = await host.storage.loadRuns([run.id]);
      const { text } = stored ? await inputOf(host.storage, stored) : nothing;
      return { text, shown: text, hidden: [] };
    }
    const held = host.held.get(inputId);
    if (held)
      return { ...held, shown: isTooLarge(Buffer.byteLength(held.text)) ? "{}" : (held.shown ?? held.text) };
    const stored = await host.storage.readState(run.projectId, inputId);
    return { ...stateOf(run.projectId, stored), shown: stored?.body ?? "{}" };
  } catch (error) {
    if (error instanceof GoneError) return nothing;
    throw error;
  }
}

function keptOf(projectId: string, { text, shown, hidden }: Input): Kept {
  const size = Buffer.byteLength(text);
  if (isTooLarge(size)) return { body: null, sealed: null, size };
  return { body: shown, sealed: hidden.length > 0 ? sealState(projectId, { text, hidden }) : null, size };
}

/** A state's text with one more key, its numbers as they were written. Of two of a name the last counts, as in JSON. */
function withError(text: string, lines: string[]): string {
  const error = `"error":${JSON.stringify(lines)}`;
  const state: unknown = JSON.parse(text);
  if (state === null || typeof state !== "object" || Array.isArray(state)) return `{"data":${text},${error}}`;
  const begin = text.slice(0, text.lastIndexOf("}"));
  return Object.keys(state).length === 0 ? `${begin}${error}}` : `${begin},${error}}`;
}
