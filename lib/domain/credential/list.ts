import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { credentials, jobs, projectCredentials, projects, users } from "@/db/schema";
import { actorUserId, type Context, type UserContext } from "@/lib/domain/context";
import { hostList, moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";

export const credentialSummary = z
  .strictObject({
    ...named.shape,
    schema: z.string(),
    allowedHosts: hostList,
    updatedAt: moment,
    projects: z.array(z.strictObject({ ...named.shape, projectCredentialId: z.uuid() })),
  })
  .meta({ id: "Credential" });
export type CredentialSummary = z.infer<typeof credentialSummary>;

/** The caller's own credentials, without their secrets, and where they are shared. */
export async function listCredentials(
  ctx: UserContext,
  input: z.input<typeof pageInput> = {},
): Promise<Page<CredentialSummary>> {
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: credentials.id,
      name: credentials.name,
      schema: credentials.schema,
      allowedHosts: credentials.allowedHosts,
      updatedAt: credentials.updatedAt,
    })
    .from(credentials)
    .where(and(eq(credentials.ownerId, ctx.actor.userId), ...(cursor ? [gt(credentials.id, cursor)] : [])))
    .orderBy(asc(credentials.id))
    .limit(limit + 1);
  const shares = await sharesOf(
    ctx,
    found.map((row) => row.id),
  );
  const items = found.map((row) => ({
    ...row,
    updatedAt: iso(row.updatedAt),
    projects: shares.filter((s) => s.credentialId === row.id).map(({ credentialId, ...share }) => share),
  }));
  return toPage(items, limit);
}

async function sharesOf(ctx: UserContext, ids: string[]) {
  if (ids.length === 0) return [];
  return ctx.db
    .select({
      credentialId: projectCredentials.credentialId,
      projectCredentialId: projectCredentials.id,
      id: projects.id,
      name: projects.name,
    })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .where(inArray(projectCredentials.credentialId, ids));
}

/** `id` is the project credential's: what jobs and the project contract refer to. */
export const projectCredentialSummary = z
  .strictObject({
    id: z.uuid(),
    credentialId: z.uuid(),
    name: z.string(),
    schema: z.string(),
    allowedHosts: hostList,
    owner: z.string(),
    isMine: z.boolean(),
    jobs: z.int(),
  })
  .meta({ id: "ProjectCredential" });
export type ProjectCredentialSummary = z.infer<typeof projectCredentialSummary>;

/** Credentials that the project's jobs can use: names, owners and where they may be sent, never secrets. */
export async function listProjectCredentials(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<ProjectCredentialSummary>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: projectCredentials.id,
      credentialId: credentials.id,
      name: credentials.name,
      schema: credentials.schema,
      allowedHosts: credentials.allowedHosts,
      owner: users.email,
      ownerId: credentials.ownerId,
      jobs: sql<number>`(select count(*)::int from ${jobs} where ${jobs.projectCredentialId} = ${projectCredentials.id})`,
    })
    .from(projectCredentials)
    .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .innerJoin(users, eq(users.id, credentials.ownerId))
    .where(
      and(
        eq(projectCredentials.projectId, ctx.project.id),
        ...(cursor ? [gt(projectCredentials.id, cursor)] : []),
      ),
    )
    .orderBy(asc(projectCredentials.id))
    .limit(limit + 1);
  const me = actorUserId(ctx.actor);
  const items = found.map(({ ownerId, ...row }) => ({ ...row, isMine: ownerId === me }));
  return toPage(items, limit);
}
