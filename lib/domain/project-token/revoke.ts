import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { projectTokens } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

const revocation = z.strictObject({ tokenId: z.uuid() });

/** Ends one of the project's own tokens at once. Throws `not_found` for any other. */
export async function revokeProjectToken(ctx: Context, input: z.input<typeof revocation>): Promise<void> {
  await write(ctx, "project_token.manage", async (tx) => {
    const { tokenId } = revocation.parse(input);
    const [row] = await tx
      .update(projectTokens)
      .set({ revokedAt: sql`now()` })
      .where(
        and(
          eq(projectTokens.projectId, ctx.project.id),
          eq(projectTokens.id, tokenId),
          isNull(projectTokens.revokedAt),
        ),
      )
      .returning({ id: projectTokens.id, name: projectTokens.name });
    if (!row) throw notFound("The token");
    return {
      result: undefined,
      audit: { event: "project_token.revoke", itemId: row.id, before: { name: row.name } },
      changed: null,
    };
  });
}
