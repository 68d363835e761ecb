import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { credentialBodies, credentials } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { environmentOf, lockOwn, noEnvironment } from "./own";

/** Deletes what one of the caller's credentials is in an environment: jobs of projects in it fail. Throws `not_found`. */
export async function deleteCredentialEnvironment(
  ctx: UserContext,
  input: z.input<typeof environmentOf>,
): Promise<void> {
  const { credentialId: id, env } = environmentOf.parse(input);
  await write(ctx, "own", async (tx) => {
    const { name } = await lockOwn(tx, ctx, id);
    const [row] = await tx
      .delete(credentialBodies)
      .where(and(eq(credentialBodies.credentialId, id), eq(credentialBodies.env, env)))
      .returning({ env: credentialBodies.env });
    if (!row) throw noEnvironment(name, env);
    await tx.update(credentials).set({ changedAt: sql`now()` }).where(eq(credentials.id, id));
    return {
      result: undefined,
      audit: { event: "credential.delete_environment", itemId: id, before: { name, env } },
      changed: null,
    };
  });
}
