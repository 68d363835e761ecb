import { and, desc, eq, lt, sql } from "drizzle-orm";
import { z } from "zod";
import { libraryVersions } from "@/db/schema";
import { differenceOfTexts } from "@/lib/difference/lines";
import type { Context } from "@/lib/domain/context";
import { type Page, pageInput, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { textDifference } from "@/lib/domain/workflow/difference";
import { entryOf, versionOf } from "./entry";
import { type LibraryVersion, versionNumber } from "./types";

export const listLibraryVersionsInput = pageInput.extend({
  id: z.uuid(),
  /** The number of the last version that was seen. */
  cursor: versionNumber.optional(),
});

/** Returns an entry's versions without their code, newest first. Throws `not_found`. */
export async function listLibraryVersions(
  ctx: Context,
  input: z.input<typeof listLibraryVersionsInput>,
): Promise<Page<LibraryVersion>> {
  requirePermission(ctx, "workflow.read");
  const { id, cursor, limit } = listLibraryVersionsInput.parse(input);
  await entryOf(ctx, ctx.db, id);
  const { version, adaptor, adaptorVersion, note, createdBy, createdAt } = libraryVersions;
  const found = await ctx.db
    .select({
      ...{ version, adaptor, adaptorVersion, note, createdBy, createdAt },
      size: sql<number>`octet_length(${libraryVersions.body})`,
    })
    .from(libraryVersions)
    .where(
      and(
        eq(libraryVersions.libraryJobId, id),
        eq(libraryVersions.projectId, ctx.project.id),
        cursor ? lt(version, cursor) : undefined,
      ),
    )
    .orderBy(desc(version))
    .limit(limit + 1);
  const page = toPageBy(found, limit, (last) => String(last.version));
  const items = page.items.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  return { items, nextCursor: page.nextCursor };
}

export const libraryCodeInput = z.strictObject({ id: z.uuid(), version: versionNumber });

export const libraryCode = z.strictObject({
  version: z.int(),
  body: z.string(),
  adaptor: z.string(),
  adaptorVersion: z.string(),
});

/** Returns one version with its code, which never changes. Throws `not_found`. */
export async function getLibraryVersion(
  ctx: Context,
  input: z.input<typeof libraryCodeInput>,
): Promise<z.infer<typeof libraryCode>> {
  requirePermission(ctx, "workflow.read");
  const { id, version } = libraryCodeInput.parse(input);
  await entryOf(ctx, ctx.db, id);
  return versionOf(ctx, ctx.db, id, version);
}

/** Without `to` the newest, without `from` the one before that. */
export const libraryDifferenceInput = z.strictObject({
  id: z.uuid(),
  from: versionNumber.optional(),
  to: versionNumber.optional(),
});

const adaptorWritten = z.strictObject({ adaptor: z.string(), adaptorVersion: z.string() });

export const libraryDifference = z
  .strictObject({
    from: z.int(),
    to: z.int(),
    before: adaptorWritten,
    after: adaptorWritten,
    code: textDifference.nullable().meta({ description: "Null: the same." }),
  })
  .meta({ id: "LibraryDifference" });
export type LibraryDifference = z.infer<typeof libraryDifference>;

/** Says what tells two versions of an entry apart. Throws `not_found`. */
export async function getLibraryDifference(
  ctx: Context,
  input: z.input<typeof libraryDifferenceInput>,
): Promise<LibraryDifference> {
  requirePermission(ctx, "workflow.read");
  const { id, from, to } = libraryDifferenceInput.parse(input);
  const entry = await entryOf(ctx, ctx.db, id);
  const newer = to ?? entry.version;
  const older = from ?? Math.max(1, newer - 1);
  const [before, after] = await Promise.all([
    versionOf(ctx, ctx.db, id, older),
    versionOf(ctx, ctx.db, id, newer),
  ]);
  const written = ({ adaptor, adaptorVersion }: typeof before) => ({ adaptor, adaptorVersion });
  return {
    from: older,
    to: newer,
    before: written(before),
    after: written(after),
    code: differenceOfTexts(before.body, after.body),
  };
}
