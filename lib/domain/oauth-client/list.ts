import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { credentials, oauthClients, projectOauthClients, projects, users } from "@/db/schema";
import { actorUserId, type Context, type UserContext } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { oauthProviders } from "@/lib/words";
import type { OauthClientSummary } from "./fields";
import { isUsableBy } from "./usable";

/** Clients that the caller may connect with, oldest first; of one's own all that is known but the secret. */
export async function listOauthClients(
  ctx: UserContext,
  input: z.input<typeof pageInput> = {},
): Promise<Page<OauthClientSummary>> {
  const { cursor, limit } = pageInput.parse(input);
  const { userId } = ctx.actor;
  const found = await ctx.db
    .select({
      client: oauthClients,
      owner: users.email,
      credentials: sql<number>`(select count(*)::int from ${credentials} where ${credentials.oauthClientId} = ${oauthClients.id})`,
    })
    .from(oauthClients)
    .innerJoin(users, eq(users.id, oauthClients.ownerId))
    .where(and(isUsableBy(userId), ...(cursor ? [gt(oauthClients.id, cursor)] : [])))
    .orderBy(asc(oauthClients.id))
    .limit(limit + 1);
  const mine = found.filter(({ client }) => client.ownerId === userId).map(({ client }) => client.id);
  const shares = await sharesOf(ctx, mine);
  const items = found.map(({ client, owner, credentials: count }) => ({
    id: client.id,
    name: client.name,
    provider: client.provider,
    scopes: client.scopes,
    hosts: [...new Set([client.authorizationUrl, client.tokenUrl].map((url) => new URL(url).host))],
    isGlobal: client.isGlobal,
    isMine: client.ownerId === userId,
    owner,
    own:
      client.ownerId === userId
        ? {
            clientId: client.clientId,
            hasSecret: client.clientSecret !== null,
            tokenAuth: client.tokenAuth,
            authorizationUrl: client.authorizationUrl,
            tokenUrl: client.tokenUrl,
            parameters: client.parameters,
            projects: shares
              .filter(({ oauthClientId }) => oauthClientId === client.id)
              .map(({ id, name }) => ({ id, name })),
            credentials: count,
          }
        : null,
  }));
  return toPage(items, limit);
}

export const projectOauthClient = z
  .strictObject({ ...named.shape, provider: z.enum(oauthProviders), owner: z.string(), isMine: z.boolean() })
  .meta({ id: "ProjectOauthClient" });
export type ProjectOauthClient = z.infer<typeof projectOauthClient>;

/** Clients that this project's people may connect with because they are shared with it, oldest first. */
export async function listProjectOauthClients(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<ProjectOauthClient>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = pageInput.parse(input);
  const me = actorUserId(ctx.actor);
  const found = await ctx.db
    .select({
      id: oauthClients.id,
      name: oauthClients.name,
      provider: oauthClients.provider,
      owner: users.email,
      ownerId: oauthClients.ownerId,
    })
    .from(projectOauthClients)
    .innerJoin(oauthClients, eq(oauthClients.id, projectOauthClients.oauthClientId))
    .innerJoin(users, eq(users.id, oauthClients.ownerId))
    .where(
      and(
        eq(projectOauthClients.projectId, ctx.project.id),
        ...(cursor ? [gt(projectOauthClients.oauthClientId, cursor)] : []),
      ),
    )
    .orderBy(asc(projectOauthClients.oauthClientId))
    .limit(limit + 1);
  return toPage(
    found.map(({ ownerId, ...row }) => ({ ...row, isMine: ownerId === me })),
    limit,
  );
}

async function sharesOf(ctx: UserContext, ids: string[]) {
  if (ids.length === 0) return [];
  return ctx.db
    .select({ oauthClientId: projectOauthClients.oauthClientId, id: projects.id, name: projects.name })
    .from(projectOauthClients)
    .innerJoin(projects, eq(projects.id, projectOauthClients.projectId))
    .where(inArray(projectOauthClients.oauthClientId, ids))
    .orderBy(asc(projects.name));
}
