import { and, asc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { credentials, projectCredentials, projects } from "@/db/schema";
import type { Context, UserContext } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";
import { forbidden, notFound } from "@/lib/refusal";

/** A credential as OpenFn's API shows it: never its secret. */
export const openfnCredential = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    schema: z.string(),
    external_id: z.string().nullable(),
    user_id: z.uuid(),
    project_credentials: z.array(
      z.strictObject({
        id: z.uuid(),
        project_id: z.uuid(),
        credential_id: z.uuid(),
        inserted_at: moment,
        updated_at: moment,
      }),
    ),
    projects: z.array(z.strictObject({ id: z.uuid(), name: z.string(), description: z.string().nullable() })),
    inserted_at: moment,
    updated_at: moment,
  })
  .meta({ id: "OpenfnCredential" });
export type OpenfnCredential = z.infer<typeof openfnCredential>;

type Row = typeof credentials.$inferSelect;

/** The caller's own credentials, with the projects among these that they are shared with. */
export async function listOpenfnCredentials(
  ctx: UserContext,
  seen: readonly Context[],
): Promise<OpenfnCredential[]> {
  const rows = await ctx.db
    .select(shown)
    .from(credentials)
    .where(eq(credentials.ownerId, ctx.actor.userId))
    .orderBy(asc(credentials.id))
    .limit(limits.credentialsOwned);
  return documentsOf(ctx.db, rows, idsOf(seen));
}

/** Whoever's credentials that the project's jobs can use. Nothing is told of other projects. */
export async function listOpenfnProjectCredentials(ctx: Context): Promise<OpenfnCredential[]> {
  requirePermission(ctx, "project.read");
  const rows = await ctx.db
    .select(shown)
    .from(projectCredentials)
    .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .where(eq(projectCredentials.projectId, ctx.project.id))
    .orderBy(asc(credentials.id))
    .limit(limits.credentialsOwned);
  return documentsOf(ctx.db, rows, [ctx.project.id], [ctx.project.id]);
}

/** One of the caller's own. Throws `forbidden` for somebody else's, as OpenFn does, and `not_found` for none. */
export async function getOpenfnCredential(
  ctx: UserContext,
  { id, seen }: { id: string; seen: readonly Context[] },
): Promise<OpenfnCredential> {
  const row = await findCredential(ctx, id);
  if (!row) throw notFound("The credential");
  if (row.ownerId !== ctx.actor.userId) throw forbidden();
  const [found] = await documentsOf(ctx.db, [row], idsOf(seen));
  if (!found) throw notFound("The credential");
  return found;
}

const { id, name, schema, externalId, ownerId, createdAt, updatedAt } = credentials;
const shown = { id, name, schema, externalId, ownerId, createdAt, updatedAt };
type Shown = Pick<Row, keyof typeof shown>;

/** Whoever's it is: ids of credentials are no secret, and OpenFn tells whether there is one. */
export async function findCredential({ db }: UserContext, wanted: string): Promise<Shown | undefined> {
  if (!z.uuid().safeParse(wanted).success) return undefined;
  const [row] = await db.select(shown).from(credentials).where(eq(id, wanted));
  return row;
}

const idsOf = (ctxs: readonly Context[]): string[] => ctxs.map(({ project }) => project.id);

/** `links`: of which projects the links are told; all of them are the owner's to know. */
async function documentsOf(
  db: Db,
  rows: readonly Shown[],
  seen: readonly string[],
  links?: readonly string[],
): Promise<OpenfnCredential[]> {
  if (rows.length === 0) return [];
  const shares = await db
    .select({
      link: projectCredentials,
      project: { id: projects.id, name: projects.name, description: projects.description },
    })
    .from(projectCredentials)
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .where(
      and(
        inArray(
          projectCredentials.credentialId,
          rows.map((row) => row.id),
        ),
        links ? inArray(projectCredentials.projectId, [...links]) : undefined,
      ),
    )
    .orderBy(asc(projects.name), asc(projects.id));
  return rows.map((row) => {
    const of = shares.filter(({ link }) => link.credentialId === row.id);
    return {
      id: row.id,
      name: row.name,
      schema: row.schema,
      external_id: row.externalId,
      user_id: row.ownerId,
      project_credentials: of.map(({ link }) => ({
        id: link.id,
        project_id: link.projectId,
        credential_id: link.credentialId,
        inserted_at: iso(link.createdAt),
        updated_at: iso(link.createdAt),
      })),
      projects: of.flatMap(({ project }) => (seen.includes(project.id) ? [project] : [])),
      inserted_at: iso(row.createdAt),
      updated_at: iso(row.updatedAt),
    };
  });
}
