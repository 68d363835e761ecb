import { z } from "zod";
import { open, seal } from "@/lib/crypto/envelope";
import { limits, tooMuch } from "@/lib/limits";

/** A credential's secret: a JSON object whose fields adaptors read from `state.configuration`. */
export const credentialBody: z.ZodType<CredentialBody, CredentialBody> = z
  .record(z.string(), z.json())
  .refine((body) => JSON.stringify(body).length <= limits.credentialBody, {
    error: ({ input }) => tooMuch("credentialBody", JSON.stringify(input).length, "The credential"),
  });

export type CredentialBody = Record<string, unknown>;

/** What an envelope is sealed for: a credential, in an environment or (null) in `main`. */
export const contextOf = (credentialId: string, env: string | null = null) =>
  env === null ? `credential:${credentialId}` : `credential:${credentialId}:${env}`;

export const sealBody = (credentialId: string, body: CredentialBody, env: string | null = null): string =>
  seal(JSON.stringify(body), contextOf(credentialId, env));

/** The body of an envelope made by `sealBody`. Throws when the envelope or its key is not the right one. */
export function openBody(credentialId: string, envelope: string, env: string | null = null): CredentialBody {
  const text = open(envelope, contextOf(credentialId, env));
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}
