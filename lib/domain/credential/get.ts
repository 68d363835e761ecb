import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { hostList, jsonObject, named } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { openBody } from "./body";
import { credentialId } from "./delete";

export const ownCredential = z.strictObject({
  ...named.shape,
  schema: z.string(),
  body: jsonObject,
  allowedHosts: hostList,
  externalId: z.string().nullable(),
});
export type OwnCredential = z.infer<typeof ownCredential>;

/** A credential with its secret. Throws `not_found` for everybody but its owner, whatever their role. */
export async function getCredential(
  ctx: UserContext,
  input: z.input<typeof credentialId>,
): Promise<OwnCredential> {
  const { credentialId: id } = credentialId.parse(input);
  return write(ctx, "own", async (tx) => {
    const [row] = await tx
      .select({
        id: credentials.id,
        name: credentials.name,
        schema: credentials.schema,
        body: credentials.body,
        allowedHosts: credentials.allowedHosts,
        externalId: credentials.externalId,
      })
      .from(credentials)
      .where(and(eq(credentials.id, id), eq(credentials.ownerId, ctx.actor.userId)));
    if (!row) throw notFound("The credential");
    return {
      result: { ...row, body: openBody(row.id, row.body) },
      audit: { event: "credential.reveal", itemId: id },
      changed: null,
    };
  });
}
