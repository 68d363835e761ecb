import { and, desc, eq, inArray, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { apiTokens, projectMembers, projects } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { tokenScopes } from "@/lib/words";
import { boundProjects } from "./projects";

export const tokenSummary = z
  .strictObject({
    ...named.shape,
    scopes: z.array(z.enum(tokenScopes)),
    projects: z
      .array(named)
      .nullable()
      .meta({ description: "The only ones that it works in; null for all of yours." }),
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
      projectIds: apiTokens.projectIds,
      scopes: apiTokens.scopes,
      createdAt: apiTokens.createdAt,
      lastUsedAt: apiTokens.lastUsedAt,
      expiresAt: apiTokens.expiresAt,
    })
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.userId, ctx.actor.userId),
        isNull(apiTokens.revokedAt),
        ...(cursor ? [lt(apiTokens.id, cursor)] : []),
      ),
    )
    .orderBy(desc(apiTokens.id))
    .limit(limit + 1);
  const bound = found.map(boundProjects);
  const names = await namesOf(ctx, [...new Set(bound.flatMap((ids) => ids ?? []))]);
  const items = found.map((row, i) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    projects: bound[i]?.flatMap((id) => names.get(id) ?? []) ?? null,
    createdAt: iso(row.createdAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    expiresAt: isoOrNull(row.expiresAt),
    isExpired: row.expiresAt !== null && row.expiresAt.getTime() <= Date.now(),
  }));
  return toPage(items, limit);
}

type Named = z.infer<typeof named>;

/** Those of the projects that the caller is still a member of: a token works in no other. */
async function namesOf(ctx: UserContext, ids: string[]): Promise<Map<string, Named>> {
  if (ids.length === 0) return new Map();
  const found = await ctx.db
    .select({ id: projects.id, name: projects.name })
    .from(projects)
    .innerJoin(projectMembers, eq(projectMembers.projectId, projects.id))
    .where(and(inArray(projects.id, ids), eq(projectMembers.userId, ctx.actor.userId)));
  return new Map(found.map((project) => [project.id, project]));
}
