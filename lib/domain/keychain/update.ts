import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { keychainCredentials } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { defaultCredential, keychainName, keychainPath, refuseForeignDefault, sameName } from "./schemas";

export const keychainUpdate = z.strictObject({
  keychainId: z.uuid(),
  name: keychainName.optional(),
  path: keychainPath.optional(),
  defaultProjectCredentialId: defaultCredential.optional(),
});

const isIt = (ctx: Context, id: string) =>
  and(eq(keychainCredentials.id, id), eq(keychainCredentials.projectId, ctx.project.id));

/** Renames a keychain, or changes how it chooses, from the next step on. Throws as `createKeychain`, and `not_found`. */
export async function updateKeychain(ctx: Context, input: z.input<typeof keychainUpdate>): Promise<void> {
  try {
    await write(ctx, "keychain.manage", async (tx) => {
      const { keychainId: id, ...changes } = keychainUpdate.parse(input);
      const { name, path, defaultProjectCredentialId } = keychainCredentials;
      await refuseForeignDefault(tx, ctx.project.id, changes.defaultProjectCredentialId ?? null);
      const [before] = await tx
        .select({ name, path, defaultProjectCredentialId })
        .from(keychainCredentials)
        .where(isIt(ctx, id))
        .for("update");
      if (!before) throw notFound("The keychain");
      const [after] = await tx
        .update(keychainCredentials)
        .set({ ...changes, updatedAt: sql`now()` })
        .where(isIt(ctx, id))
        .returning({ name, path, defaultProjectCredentialId });
      return {
        result: undefined,
        audit: { event: "keychain.update", itemId: id, before, after },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "keychain_credentials_name")) throw sameName(String(input.name).trim());
    throw error;
  }
}
