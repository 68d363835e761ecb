import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { isoOrNull } from "@/db/rows";
import { projectTokens } from "@/db/schema";
import { newToken } from "@/lib/crypto/token";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { moment, named } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { endOf, newApiToken } from "@/lib/domain/token/create";
import { write } from "@/lib/domain/write";
import { forbidden } from "@/lib/refusal";
import { tokenScopes } from "@/lib/words";

/** What a repository's token begins with. */
export const repositoryPrefix = "wbr_";

export const newProjectToken = z.strictObject({
  name: newApiToken.shape.name,
  scopes: newApiToken.shape.scopes
    .unwrap()
    .meta({ description: "What it may do as an admin of the project; never what a person answers for." }),
  expiresInDays: newApiToken.shape.expiresInDays,
  expiresAt: newApiToken.shape.expiresAt,
});

export const createdProjectToken = z.strictObject({
  ...named.shape,
  token: z.string(),
  scopes: z.array(z.enum(tokenScopes)),
  expiresAt: moment.nullable(),
});
export type CreatedProjectToken = z.infer<typeof createdProjectToken>;

/**
 * Makes a token of the project's own, for a repository: it acts as an admin as far as its scopes let it, and stays when
 * whoever made it leaves. The token is in the answer and nowhere else. Throws `forbidden` when an API token asks.
 */
export async function createProjectToken(
  ctx: Context,
  input: z.input<typeof newProjectToken>,
): Promise<CreatedProjectToken> {
  requirePermission(ctx, "project_token.manage");
  if (ctx.actor.type === "token") throw forbidden("An API token cannot make others. Sign in with a browser.");
  const parsed = newProjectToken.parse(input);
  const { name } = parsed;
  const scopes = tokenScopes.filter((scope) => parsed.scopes.includes(scope));
  const expiresAt = endOf(parsed);
  const { token, hash } = newToken(repositoryPrefix);
  const projectId = ctx.project.id;
  return write(ctx, "project_token.manage", async (tx) => {
    await lockProject(tx, projectId);
    await refuseOneMore(tx, "projectTokens", {
      table: projectTokens,
      where: and(
        eq(projectTokens.projectId, projectId),
        isNull(projectTokens.revokedAt),
        or(isNull(projectTokens.expiresAt), gt(projectTokens.expiresAt, sql`now()`)),
      ),
      whose: "The project",
    });
    const [row] = await tx
      .insert(projectTokens)
      .values({ projectId, name, scopes, tokenHash: hash, expiresAt, createdBy: actorUserId(ctx.actor) })
      .returning({ id: projectTokens.id });
    if (!row) throw new Error("The token was not inserted.");
    const after = { name, scopes, expiresAt: isoOrNull(expiresAt) };
    return {
      result: { id: row.id, token, ...after },
      audit: { event: "project_token.create", itemId: row.id, after },
      changed: null,
    };
  });
}
