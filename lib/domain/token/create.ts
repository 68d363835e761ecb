import { z } from "zod";
import { apiTokens } from "@/db/schema";
import { newToken } from "@/lib/crypto/token";
import type { UserContext } from "@/lib/domain/context";
import { named, storable } from "@/lib/domain/fields";
import { findMembership } from "@/lib/domain/member/find-role";
import { write } from "@/lib/domain/write";
import { forbidden, notFound } from "@/lib/refusal";

export const newApiToken = z.strictObject({
  name: storable.trim().min(1, "Enter a name, such as deploy script.").max(100),
  /** The only project that it works in; every project of its owner without one. */
  projectId: z.uuid().nullish(),
  expiresInDays: z.int().min(1).max(3650).nullish(),
});

export const createdToken = z.strictObject({
  ...named.shape,
  token: z.string(),
  projectId: z.uuid().nullable(),
});
export type CreatedToken = z.infer<typeof createdToken>;

/**
 * Makes an API token that acts with its owner's roles. The token is in the answer and nowhere else. Throws
 * `not_found` for a project that the caller is no member of, `forbidden` when an API token asks.
 */
export async function createToken(
  ctx: UserContext,
  input: z.input<typeof newApiToken>,
): Promise<CreatedToken> {
  if (ctx.actor.type === "token") throw forbidden("An API token cannot make others. Sign in with a browser.");
  const { name, projectId, expiresInDays } = newApiToken.parse(input);
  const { token, hash } = newToken("wb_");
  const { userId } = ctx.actor;
  return write(ctx, "own", async (tx) => {
    const membership = projectId ? await findMembership(tx, userId, projectId) : undefined;
    if (projectId && !membership) throw notFound("The project");
    const [row] = await tx
      .insert(apiTokens)
      .values({
        userId,
        projectId: projectId ?? null,
        name,
        tokenHash: hash,
        expiresAt: expiresInDays ? new Date(Date.now() + expiresInDays * 86_400_000) : null,
      })
      .returning({ id: apiTokens.id });
    if (!row) throw new Error("The token was not inserted.");
    const after = { name, projectId: projectId ?? null, expiresInDays: expiresInDays ?? null };
    return {
      result: { id: row.id, name, token, projectId: projectId ?? null },
      audit: { event: "token.create", itemId: row.id, after, project: membership?.project },
      changed: null,
    };
  });
}
