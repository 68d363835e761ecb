import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { apiTokens } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

const revocation = z.strictObject({ tokenId: z.uuid() });

/** Ends one of the caller's API tokens at once. Throws `not_found` for anybody else's. */
export async function revokeToken(ctx: UserContext, input: z.input<typeof revocation>): Promise<void> {
  const { tokenId } = revocation.parse(input);
  await write(ctx, "own", async (tx) => {
    const [row] = await tx
      .update(apiTokens)
      .set({ revokedAt: sql`now()` })
      .where(
        and(eq(apiTokens.id, tokenId), eq(apiTokens.userId, ctx.actor.userId), isNull(apiTokens.revokedAt)),
      )
      .returning({ id: apiTokens.id, name: apiTokens.name, projectId: apiTokens.projectId });
    if (!row) throw notFound("The token");
    const project = row.projectId ? { id: row.projectId } : undefined;
    return {
      result: undefined,
      audit: { event: "token.revoke", itemId: row.id, before: { name: row.name }, project },
      changed: null,
    };
  });
}
