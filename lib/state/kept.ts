import { limits } from "@/lib/limits";
import type { StepResult } from "@/lib/runner/contract";
import { openState, type SecretState, sealState } from "./sealed";
import { type Wiped, wipedSentence } from "./wiped";

/** What is stored of a step's result. */
export type Kept = {
  /** The state as it may be shown; null when it is too large to be stored. */
  body: string | null;
  /** The state as it is handed on, encrypted, when `body` hides some of it. */
  sealed: string | null;
  /** Bytes of the state that is handed on. */
  size: number;
};

/** A stored state, as it is in its row. */
export type StoredState = Kept & Gone;

/** That it is wiped, and when and why, where that is known. */
type Gone = { isWiped: boolean } & { [K in keyof Wiped]?: Wiped[K] | undefined };

/** A state that is not there any more, and why: a sentence. */
export class GoneError extends Error {}

/** What to store of a result; null when it hands nothing on. */
export function kept(projectId: string, { output, shown }: StepResult): Kept | null {
  if (output === null) return null;
  const size = Buffer.byteLength(output);
  if (size > limits.keptStateBytes) return { body: null, sealed: null, size };
  if (!shown) return { body: output, sealed: null, size };
  const { text, hidden } = shown;
  return { body: text, sealed: sealState(projectId, { text: output, hidden }), size };
}

/** The same where the project stores no states: how large it was, and that it is not there. */
export const withheld = (keep: Kept | null): Kept | null =>
  keep === null ? null : { body: null, sealed: null, size: keep.size };

/** Whether a state is not there although it was small enough to be stored. */
export const isWithheld = (keep: Kept | null): boolean =>
  keep !== null && keep.body === null && !isTooLarge(keep.size);

/** The state that a result hands on. */
export const handedOn = ({ output, shown }: StepResult): SecretState | null =>
  output === null ? null : { text: output, hidden: shown?.hidden ?? [] };

/** The state that a row holds, as it is handed on. Throws `GoneError`. */
export function stateOf(projectId: string, stored: StoredState | null): SecretState {
  if (!stored || stored.body === null) throw new GoneError(whyGone(stored));
  if (stored.sealed === null) return { text: stored.body, hidden: [] };
  try {
    return openState(projectId, stored.sealed);
  } catch (error) {
    throw new GoneError(
      `The state holds a value of a credential and is encrypted, and it cannot be opened. ${error instanceof Error ? error.message : ""}`,
      { cause: error },
    );
  }
}

/** Why a state is not there, in a sentence. */
export function whyGone(stored: (Pick<StoredState, "size"> & Gone) | null): string {
  if (!stored || stored.isWiped || !isTooLarge(stored.size))
    return wipedSentence({ ...stored, wipedAt: stored?.wipedAt ?? null });
  return `It was ${megabytes(stored.size)}, and a result of more than ${megabytes(limits.keptStateBytes)} is handed on but not stored.`;
}

/** Whether a result of so many bytes is handed on within its run only. */
export const isTooLarge = (bytes: number): boolean => bytes > limits.keptStateBytes;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MB`;
