import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { projectTokens, users } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { tokenScopes } from "@/lib/words";

export const projectTokenSummary = z
  .strictObject({
    ...named.shape,
    scopes: z.array(z.enum(tokenScopes)),
    createdBy: z
      .string()
      .nullable()
      .meta({ description: "Whose idea it was; null when their account is gone." }),
    createdAt: moment,
    lastUsedAt: moment.nullable(),
    expiresAt: moment.nullable(),
    isExpired: z.boolean(),
  })
  .meta({ id: "ProjectToken" });
export type ProjectTokenSummary = z.infer<typeof projectTokenSummary>;

/** The project's own tokens that are not revoked, newest first. */
export async function listProjectTokens(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<ProjectTokenSummary>> {
  requirePermission(ctx, "project_token.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: projectTokens.id,
      name: projectTokens.name,
      scopes: projectTokens.scopes,
      createdBy: users.email,
      createdAt: projectTokens.createdAt,
      lastUsedAt: projectTokens.lastUsedAt,
      expiresAt: projectTokens.expiresAt,
    })
    .from(projectTokens)
    .leftJoin(users, eq(users.id, projectTokens.createdBy))
    .where(
      and(
        eq(projectTokens.projectId, ctx.project.id),
        isNull(projectTokens.revokedAt),
        ...(cursor ? [lt(projectTokens.id, cursor)] : []),
      ),
    )
    .orderBy(desc(projectTokens.id))
    .limit(limit + 1);
  const items = found.map((row) => ({
    ...row,
    createdAt: iso(row.createdAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    expiresAt: isoOrNull(row.expiresAt),
    isExpired: row.expiresAt !== null && row.expiresAt.getTime() <= Date.now(),
  }));
  return toPage(items, limit);
}
