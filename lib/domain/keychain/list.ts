import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { iso, isoOrNull } from "@/db/rows";
import { credentials, keychainCredentials, projectCredentials } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { jobsUsing, jobUses, noUses } from "@/lib/domain/credential/uses";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";

export const keychainSummary = z
  .strictObject({
    ...named.shape,
    path: z.string(),
    default: named.nullable().meta({
      description: "The project's credential where the input names none that there is; null: the step fails.",
    }),
    ...jobUses,
    lastUsedAt: moment.nullable().meta({ description: "By a run, a minute late at most." }),
    updatedAt: moment,
  })
  .meta({ id: "Keychain" });
export type KeychainSummary = z.infer<typeof keychainSummary>;

/** The project's keychains, how they choose, and which jobs have them. */
export async function listKeychains(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<KeychainSummary>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = pageInput.parse(input);
  const { id, name, path, lastUsedAt, updatedAt, projectId } = keychainCredentials;
  const found = await ctx.db
    .select({
      ...{ id, name, path, lastUsedAt, updatedAt },
      default: { id: projectCredentials.id, name: credentials.name },
    })
    .from(keychainCredentials)
    .leftJoin(
      projectCredentials,
      and(
        eq(projectCredentials.id, keychainCredentials.defaultProjectCredentialId),
        eq(projectCredentials.projectId, projectId),
      ),
    )
    .leftJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .where(and(eq(projectId, ctx.project.id), ...(cursor ? [gt(id, cursor)] : [])))
    .orderBy(asc(id))
    .limit(limit + 1);
  const ids = found.map((row) => row.id);
  const uses = await jobsUsing(ctx.db, ctx.project.id, "keychain", ids);
  const items = found.map((row) => ({
    ...row,
    default: row.default?.id && row.default.name ? { id: row.default.id, name: row.default.name } : null,
    ...(uses.get(row.id) ?? noUses),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    updatedAt: iso(row.updatedAt),
  }));
  return toPage(items, limit);
}
