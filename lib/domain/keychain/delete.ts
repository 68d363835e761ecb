import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { keychainCredentials } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { jobsUsing } from "@/lib/domain/credential/uses";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

export const keychainId = z.strictObject({ keychainId: z.uuid() });

/** Deletes a keychain; jobs that had it have none, and fail until they get another. Throws `not_found`. */
export async function deleteKeychain(ctx: Context, input: z.input<typeof keychainId>): Promise<void> {
  await write(ctx, "keychain.manage", async (tx) => {
    const { keychainId: id } = keychainId.parse(input);
    const uses = (await jobsUsing(tx, ctx.project.id, "keychain", [id])).get(id);
    const [before] = await tx
      .delete(keychainCredentials)
      .where(and(eq(keychainCredentials.id, id), eq(keychainCredentials.projectId, ctx.project.id)))
      .returning({ name: keychainCredentials.name, path: keychainCredentials.path });
    if (!before) throw notFound("The keychain");
    return {
      result: undefined,
      audit: { event: "keychain.delete", itemId: id, before: { ...before, jobs: uses?.jobs ?? 0 } },
      changed: null,
    };
  });
}
