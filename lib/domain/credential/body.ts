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

export const contextOf = (credentialId: string) => `credential:${credentialId}`;

export const sealBody = (credentialId: string, body: CredentialBody): string =>
  seal(JSON.stringify(body), contextOf(credentialId));

/** The body of an envelope made by `sealBody`. Throws when the envelope or its key is not the right one. */
export function openBody(credentialId: string, envelope: string): CredentialBody {
  const parsed = z.record(z.string(), z.unknown()).parse(JSON.parse(open(envelope, contextOf(credentialId))));
  return parsed;
}
