import { z } from "zod";
import type { UserContext } from "@/lib/domain/context";
import { type AdaptorRunner, knownAdaptors } from "./known";

/** What a credential for this adaptor holds, as the JSON schema of its newest built version. */
export const credentialSchema = z.strictObject({ name: z.string(), version: z.string(), schema: z.any() });
export type CredentialSchema = Omit<z.infer<typeof credentialSchema>, "schema"> & { schema: unknown };

export const credentialSchemaList = z.strictObject({
  items: z.array(credentialSchema),
  nextCursor: z.null(),
});

/** Returns the credential schemas of the adaptors that are built here, by name. */
export async function listCredentialSchemas(
  ctx: UserContext,
  deps: { runner: AdaptorRunner },
): Promise<{ items: CredentialSchema[]; nextCursor: null }> {
  const newest = new Map<string, CredentialSchema>();
  for (const { name, version, credentialSchema } of await knownAdaptors(ctx.db, deps.runner))
    if (credentialSchema && !newest.has(name)) newest.set(name, { name, version, schema: credentialSchema });
  return { items: [...newest.values()], nextCursor: null };
}
