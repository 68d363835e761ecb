import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { apiTokens, projects } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";

export const tokenSummary = z
  .strictObject({
    ...named.shape,
    project: named.nullable(),
    createdAt: moment,
    lastUsedAt: moment.nullable(),
    expiresAt: moment.nullable(),
    isExpired: z.boolean(),
  })
  .meta({ id: "Token" });
export type TokenSummary = z.infer<typeof tokenSummary>;

/** The caller's API tokens that are not revoked, newest first. */
export async function listTokens(
  ctx: UserContext,
  input: z.input<typeof pageInput> = {},
): Promise<Page<TokenSummary>> {
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      projectId: apiTokens.projectId,
      projectName: projects.name,
      createdAt: apiTokens.createdAt,
      lastUsedAt: apiTokens.lastUsedAt,
      expiresAt: apiTokens.expiresAt,
    })
    .from(apiTokens)
    .leftJoin(projects, eq(projects.id, apiTokens.projectId))
    .where(
      and(
        eq(apiTokens.userId, ctx.actor.userId),
        isNull(apiTokens.revokedAt),
        ...(cursor ? [lt(apiTokens.id, cursor)] : []),
      ),
    )
    .orderBy(desc(apiTokens.id))
    .limit(limit + 1);
  const items = found.map(({ projectId, projectName, ...row }) => ({
    id: row.id,
    name: row.name,
    project: projectId && projectName ? { id: projectId, name: projectName } : null,
    createdAt: iso(row.createdAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    expiresAt: isoOrNull(row.expiresAt),
    isExpired: row.expiresAt !== null && row.expiresAt.getTime() <= Date.now(),
  }));
  return toPage(items, limit);
}
