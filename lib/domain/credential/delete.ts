import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

export const credentialId = z.strictObject({ credentialId: z.uuid() });

/** Deletes a credential everywhere; jobs that used it have none. Throws `not_found` for everybody but its owner. */
export async function deleteCredential(ctx: UserContext, input: z.input<typeof credentialId>): Promise<void> {
  const { credentialId: id } = credentialId.parse(input);
  await write(ctx, "own", async (tx) => {
    const [row] = await tx
      .delete(credentials)
      .where(and(eq(credentials.id, id), eq(credentials.ownerId, ctx.actor.userId)))
      .returning({ name: credentials.name, schema: credentials.schema });
    if (!row) throw notFound("The credential");
    return {
      result: undefined,
      audit: { event: "credential.delete", itemId: id, before: row },
      changed: null,
    };
  });
}
