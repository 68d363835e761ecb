import { eq } from "drizzle-orm";
import type { z } from "zod";
import { keychainCredentials } from "@/db/schema";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import type { named } from "@/lib/domain/fields";
import { write } from "@/lib/domain/write";
import { newKeychain, refuseForeignDefault, sameName } from "./schemas";

/**
 * Makes a keychain, which jobs of the project have instead of a credential. Throws `conflict` when its name is used,
 * `invalid` for a path that is none or a default that is not shared with the project.
 */
export async function createKeychain(
  ctx: Context,
  input: z.input<typeof newKeychain>,
): Promise<z.infer<typeof named>> {
  const projectId = ctx.project.id;
  try {
    return await write(ctx, "keychain.manage", async (tx) => {
      const keychain = newKeychain.parse(input);
      await lockProject(tx, projectId);
      await refuseOneMore(tx, "keychains", {
        table: keychainCredentials,
        where: eq(keychainCredentials.projectId, projectId),
        whose: "The project",
      });
      await refuseForeignDefault(tx, projectId, keychain.defaultProjectCredentialId);
      const [row] = await tx
        .insert(keychainCredentials)
        .values({ projectId, ...keychain })
        .returning({ id: keychainCredentials.id, name: keychainCredentials.name });
      if (!row) throw new Error("The keychain was not inserted.");
      return {
        result: row,
        audit: { event: "keychain.create", itemId: row.id, after: keychain },
        changed: null,
      };
    });
  } catch (error) {
    if (violates(error, "keychain_credentials_name")) throw sameName(String(input.name).trim());
    throw error;
  }
}
