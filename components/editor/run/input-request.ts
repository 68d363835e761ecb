import { requestOfMessage } from "@/components/copy-as/from-message";
import type { CopiedRequest } from "@/components/copy-as/request";
import type { MessageDetail } from "@/lib/domain/message/types";
import { type ExactJson, ExactNumber, stringifyExact } from "@/lib/exact-json";

export type ChosenInput = {
  /** A message with the bytes of its body; null: the input is none, or they are on their way. */
  message: { detail: MessageDetail; bytes: Uint8Array } | null;
  /** The state that the input comes to. */
  state: ExactJson | undefined;
};

/** The request that brings the chosen input to a test URL; null where it says nothing that can be sent. */
export function requestOfInput({ message, state }: ChosenInput, url: string): CopiedRequest | null {
  // What follows the address of a test is the trigger's id.
  if (message) return requestOfMessage({ ...message.detail, path: [] }, { url, proof: [] }, message.bytes);
  const data = dataOf(state);
  if (data === undefined) return null;
  const headers = [["content-type", "application/json"]] as const;
  return { method: "POST", url, headers, body: { text: stringifyExact(data) } };
}

const dataOf = (state: ExactJson | undefined): ExactJson | undefined =>
  typeof state === "object" && state !== null && !Array.isArray(state) && !(state instanceof ExactNumber)
    ? state.data
    : undefined;
