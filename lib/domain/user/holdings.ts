import { and, asc, eq, isNull, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import { credentials, projectCredentials, projectMembers, projects } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { named } from "@/lib/domain/fields";
import { ownedProjects } from "./delete";

/** Longer lists say nothing more to whoever decides. */
const maxListed = 200;

export const accountHoldings = z
  .strictObject({
    ownedProjects: z.array(named).meta({ description: "To be handed over, or deleted too." }),
    memberships: z.array(named).meta({ description: "Projects of other people that you leave." }),
    sharedCredentials: z
      .array(z.strictObject({ name: z.string(), project: named }))
      .meta({ description: "Credentials of yours that jobs of other people's projects lose." }),
    credentials: z.int(),
    tokens: z.int(),
    sessions: z.int(),
  })
  .meta({ id: "AccountHoldings" });
export type AccountHoldings = z.infer<typeof accountHoldings>;

/** What would go with the caller's account, and who would miss it. */
export async function getUserHoldings(ctx: UserContext): Promise<AccountHoldings> {
  const { userId } = ctx.actor;
  const isMine = and(eq(projectMembers.projectId, projects.id), eq(projectMembers.userId, userId));
  const [owned, memberships, sharedCredentials, [counts]] = await Promise.all([
    ownedProjects(ctx.db, userId),
    ctx.db
      .select({ id: projects.id, name: projects.name })
      .from(projectMembers)
      .innerJoin(projects, eq(projects.id, projectMembers.projectId))
      .where(and(isMine, ne(projectMembers.role, "owner")))
      .orderBy(asc(projects.name), asc(projects.id))
      .limit(maxListed),
    ctx.db
      .select({ name: credentials.name, project: { id: projects.id, name: projects.name } })
      .from(credentials)
      .innerJoin(projectCredentials, eq(projectCredentials.credentialId, credentials.id))
      .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
      .leftJoin(projectMembers, and(isMine, eq(projectMembers.role, "owner")))
      .where(and(eq(credentials.ownerId, userId), isNull(projectMembers.userId)))
      .orderBy(asc(credentials.name), asc(projects.name))
      .limit(maxListed),
    rows<{ credentials: number; tokens: number; sessions: number }>(
      ctx.db,
      sql`select (select count(*)::int from credentials where owner_id = ${userId}) as credentials,
        (select count(*)::int from api_tokens where user_id = ${userId} and revoked_at is null) as tokens,
        (select count(*)::int from sessions where user_id = ${userId} and revoked_at is null) as sessions`,
    ),
  ]);
  const { credentials: kept = 0, tokens = 0, sessions = 0 } = counts ?? {};
  return { ownedProjects: owned, memberships, sharedCredentials, credentials: kept, tokens, sessions };
}
