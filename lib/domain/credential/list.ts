import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import {
  credentialBodies,
  credentials,
  jobs,
  keychainCredentials,
  oauthClients,
  projectCredentials,
  projects,
  users,
  workflows,
} from "@/db/schema";
import { actorUserId, type Context, type UserContext } from "@/lib/domain/context";
import { hostList, moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { jobsUsing, jobUses, noUses } from "./uses";

const externalId = z.string().nullable().meta({ description: "What keychains find it by." });
const lastUsedAt = moment.nullable().meta({ description: "By a run, a minute late at most." });

export const credentialSummary = z
  .strictObject({
    ...named.shape,
    schema: z.string(),
    allowedHosts: hostList,
    externalId,
    environments: z
      .array(
        z.strictObject({
          env: z.string(),
          allowedHosts: hostList.meta({ description: "null: those of main." }),
          updatedAt: moment,
        }),
      )
      .meta({ description: "What it is besides main." }),
    updatedAt: moment,
    expiresAt: moment.nullable().meta({ description: "When its secret ends, as you have said." }),
    oauthClient: named.nullable().meta({ description: "The client that it was connected with." }),
    renewalFailedAt: moment.nullable(),
    renewalProblem: z.string().nullable().meta({ description: "Why its tokens are not renewed any more." }),
    projects: z.array(
      z.strictObject({
        ...named.shape,
        projectCredentialId: z.uuid(),
        env: z
          .string()
          .nullable()
          .meta({ description: "The environment that the project is in; null: main." }),
        jobs: z.int().meta({ description: "Its jobs that have it, deleted workflows left out." }),
        keychains: z.int().meta({ description: "Its keychains that have it as their default." }),
        lastUsedAt,
      }),
    ),
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
      externalId: credentials.externalId,
      expiresAt: credentials.expiresAt,
      oauthClient: { id: oauthClients.id, name: oauthClients.name },
      renewalFailedAt: credentials.renewalFailedAt,
      renewalProblem: credentials.renewalProblem,
      updatedAt: credentials.updatedAt,
    })
    .from(credentials)
    .leftJoin(oauthClients, eq(oauthClients.id, credentials.oauthClientId))
    .where(and(eq(credentials.ownerId, ctx.actor.userId), ...(cursor ? [gt(credentials.id, cursor)] : [])))
    .orderBy(asc(credentials.id))
    .limit(limit + 1);
  const ids = found.map((row) => row.id);
  const [shares, environments] = await Promise.all([sharesOf(ctx, ids), environmentsOf(ctx, ids)]);
  const items = found.map((row) => ({
    ...row,
    updatedAt: iso(row.updatedAt),
    expiresAt: isoOrNull(row.expiresAt),
    renewalFailedAt: isoOrNull(row.renewalFailedAt),
    environments: environments
      .filter((one) => one.credentialId === row.id)
      .map(({ credentialId, ...one }) => ({ ...one, updatedAt: iso(one.updatedAt) })),
    projects: shares
      .filter((share) => share.credentialId === row.id)
      .map(({ credentialId, ...share }) => ({ ...share, lastUsedAt: isoOrNull(share.lastUsedAt) })),
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
      env: projects.env,
      jobs: sql<number>`(select count(*)::int from ${jobs} join ${workflows} on ${workflows.id} = ${jobs.workflowId}
        and ${workflows.projectId} = ${jobs.projectId} and ${workflows.deletedAt} is null
        where ${jobs.projectCredentialId} = ${projectCredentials.id} and ${jobs.projectId} = ${projectCredentials.projectId})`,
      keychains: sql<number>`(select count(*)::int from ${keychainCredentials}
        where ${keychainCredentials.defaultProjectCredentialId} = ${projectCredentials.id}
          and ${keychainCredentials.projectId} = ${projectCredentials.projectId})`,
      lastUsedAt: projectCredentials.lastUsedAt,
    })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .where(inArray(projectCredentials.credentialId, ids))
    .orderBy(asc(projects.name), asc(projects.id));
}

async function environmentsOf(ctx: UserContext, ids: string[]) {
  if (ids.length === 0) return [];
  const { credentialId, env, allowedHosts, updatedAt } = credentialBodies;
  return ctx.db
    .select({ credentialId, env, allowedHosts, updatedAt })
    .from(credentialBodies)
    .where(inArray(credentialId, ids))
    .orderBy(asc(env));
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
    externalId,
    isInEnvironment: z.boolean().meta({
      description:
        "Whether it is anything in the project's environment. Steps that get it fail where it is not.",
    }),
    ...jobUses,
    keychains: z.array(named).meta({ description: "Keychains that have it as their default." }),
    expiresAt: moment.nullable(),
    renewalFailedAt: moment.nullable(),
    lastUsedAt,
    changedAt: moment.nullable().meta({
      description: "When its owner last changed what jobs get of it; null: never since it was made.",
    }),
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
      externalId: credentials.externalId,
      isInEnvironment: sql<boolean>`(${projects.env} is null or exists (select 1 from ${credentialBodies}
        where ${credentialBodies.credentialId} = ${credentials.id} and ${credentialBodies.env} = ${projects.env}))`,
      lastUsedAt: projectCredentials.lastUsedAt,
      changedAt: credentials.changedAt,
      expiresAt: credentials.expiresAt,
      renewalFailedAt: credentials.renewalFailedAt,
    })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
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
  const ids = found.map((row) => row.id);
  const [uses, keychains] = await Promise.all([
    jobsUsing(ctx.db, ctx.project.id, "credential", ids),
    keychainsWithDefault(ctx, ids),
  ]);
  const items = found.map(({ ownerId, ...row }) => ({
    ...row,
    isMine: ownerId === me,
    ...(uses.get(row.id) ?? noUses),
    keychains: keychains.filter((one) => one.of === row.id).map(({ id, name }) => ({ id, name })),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    changedAt: isoOrNull(row.changedAt),
    expiresAt: isoOrNull(row.expiresAt),
    renewalFailedAt: isoOrNull(row.renewalFailedAt),
  }));
  return toPage(items, limit);
}

async function keychainsWithDefault(ctx: Context, ids: string[]) {
  if (ids.length === 0) return [];
  const { id, name, defaultProjectCredentialId: of } = keychainCredentials;
  return ctx.db
    .select({ id, name, of })
    .from(keychainCredentials)
    .where(and(eq(keychainCredentials.projectId, ctx.project.id), inArray(of, ids)))
    .orderBy(asc(name));
}
