import { z } from "zod";
import { open, seal } from "@/lib/crypto/envelope";

/** A state as it is handed on, JSON text, and the values in it that are not to be shown. */
export type SecretState = { text: string; hidden: string[] };

const secretState = z.strictObject({ text: z.string(), hidden: z.array(z.string()) });

/** What an envelope of a state is sealed for: it opens for its project alone. */
export const stateContext = (projectId: string): string => `state:${projectId}`;

/** Encrypts a state that holds values of credentials, for its project. */
export const sealState = (projectId: string, state: SecretState): string =>
  seal(JSON.stringify(state), stateContext(projectId));

/** Opens what `sealState` made. Throws a sentence without secrets when it does not open. */
export const openState = (projectId: string, envelope: string): SecretState =>
  secretState.parse(JSON.parse(open(envelope, stateContext(projectId))));
