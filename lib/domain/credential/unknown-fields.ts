import { z } from "zod";
import type { Db } from "@/db/client";
import { type AdaptorRunner, knownAdaptors } from "@/lib/domain/adaptor/known";
import { nearest } from "@/lib/settings/nearest.mjs";
import type { CredentialBody } from "./body";

/** What was stored and has perhaps no effect, a sentence each. Field names only, never values. */
export const credentialWarnings = z.array(z.string()).meta({
  description: "What the adaptor's form does not know or misses, a sentence each. It is stored all the same.",
});

const form = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).catch([]),
});

/** What renewing an OAuth2 token needs, whatever the adaptor's form (./oauth.ts). */
const ofOAuth = [
  ...["access_token", "refresh_token", "token_url", "token_type", "client_id", "client_secret"],
  ...["expires_at", "expires_in", "scope", "oauth", "instance_url", "api_version"],
];

/**
 * Compares a credential with the form of the adaptor that it was made for. Jobs may read any field, so nothing is
 * refused; but a misspelt one is read by no adaptor.
 */
export async function warningsOf(
  db: Db,
  { schema, body }: { schema: string; body: CredentialBody },
  { runner }: { runner: AdaptorRunner },
): Promise<string[]> {
  if (schema === "raw") return [];
  const known = await knownAdaptors(db, runner);
  const newest = known.find(({ name }) => name === schema);
  if (!newest) {
    const meant = nearest(schema, [...new Set(known.map(({ name }) => name)), "raw"]);
    return [
      `No adaptor called ${schema} is here, so what the credential holds was not compared.${meant ? ` Did you mean ${meant}?` : ""}`,
    ];
  }
  const read = form.safeParse(newest.credentialSchema);
  return read.success ? compared(schema, Object.keys(body), read.data) : [];
}

function compared(schema: string, keys: string[], { properties, required }: z.infer<typeof form>): string[] {
  const fields = Object.keys(properties);
  const strange = keys.filter((key) => !fields.includes(key) && !ofOAuth.includes(key));
  const missing = required.filter((field) => !keys.includes(field));
  return [
    ...strange.slice(0, 20).map((key) => {
      const meant = nearest(
        key,
        fields.filter((field) => !keys.includes(field)),
      );
      return `${schema} knows no "${key.slice(0, 100)}".${meant ? ` Did you mean "${meant}"?` : ""}`;
    }),
    ...missing.map((field) => `${schema} needs "${field}", which is missing.`),
  ];
}
