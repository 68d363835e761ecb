import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { credentials } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { type CredentialBody, credentialBody, sealBody } from "./body";
import {
  allowedHosts,
  credentialName,
  dateOrNull,
  expiresAt,
  externalId,
  newCredential,
  sameName,
} from "./create";

export const credentialUpdate = z.strictObject({
  credentialId: z.uuid(),
  name: credentialName.optional(),
  schema: newCredential.shape.schema.unwrap().optional(),
  body: credentialBody.optional(),
  allowedHosts: allowedHosts.optional(),
  externalId: externalId.optional(),
  expiresAt: expiresAt.optional(),
});

/**
 * Renames a credential, says whose form it is, replaces its secret (that of `main`), says where it may be sent or what
 * keychains find it by. Throws `not_found` for
 * everybody but its owner. Returns what the secret is now, when it was replaced.
 */
export async function updateCredential(
  ctx: UserContext,
  input: z.input<typeof credentialUpdate>,
): Promise<{ schema: string; body: CredentialBody } | null> {
  const changes = credentialUpdate.parse(input);
  const {
    credentialId: id,
    name,
    schema,
    body,
    allowedHosts: hosts,
    externalId: named,
    expiresAt: ends,
  } = changes;
  const isMine = and(eq(credentials.id, id), eq(credentials.ownerId, ctx.actor.userId));
  try {
    return await write(ctx, "own", async (tx) => {
      const [before] = await tx
        .select({
          name: credentials.name,
          schema: credentials.schema,
          allowedHosts: credentials.allowedHosts,
          externalId: credentials.externalId,
        })
        .from(credentials)
        .where(isMine)
        .for("update");
      if (!before) throw notFound("The credential");
      await tx
        .update(credentials)
        .set({
          ...(name ? { name } : {}),
          ...(schema ? { schema } : {}),
          ...(body ? { body: sealBody(id, body) } : {}),
          ...(hosts === undefined ? {} : { allowedHosts: hosts }),
          ...(named === undefined ? {} : { externalId: named }),
          ...(ends === undefined ? {} : { expiresAt: dateOrNull(ends) }),
          // What is entered by hand is somebody's word for it.
          ...(body ? { renewalFailedAt: null, renewalProblem: null } : {}),
          ...(body || hosts !== undefined || named !== undefined ? { changedAt: sql`now()` } : {}),
          updatedAt: sql`now()`,
        })
        .where(isMine);
      const after = {
        name: name ?? before.name,
        schema: schema ?? before.schema,
        allowedHosts: hosts === undefined ? before.allowedHosts : hosts,
        externalId: named === undefined ? before.externalId : named,
        bodyChanged: body !== undefined,
      };
      return {
        result: body ? { schema: after.schema, body } : null,
        audit: { event: "credential.update", itemId: id, before, after },
        changed: null,
      };
    });
  } catch (error) {
    if (name && violates(error, "credentials_owner_name")) throw sameName(name);
    throw error;
  }
}
