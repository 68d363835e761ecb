import type { JobNode } from "./types";

/** A job's credential, or the keychain that chooses one by the step's input, JSON text. */
export type WantedCredential =
  | { projectCredentialId: string }
  | { keychainCredentialId: string; input: string };

/** What a job logs in with; null for nothing. A keychain has nothing to choose by without an input. */
export function wantedCredential(
  { projectCredentialId, keychainCredentialId }: JobNode,
  input: string | null,
): WantedCredential | null {
  if (projectCredentialId !== null) return { projectCredentialId };
  if (keychainCredentialId === null || input === null) return null;
  return { keychainCredentialId, input };
}
