import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { collections } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, toPageBy } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";

export const collectionSummary = z
  .strictObject({
    ...named.shape,
    items: z.number().int(),
    bytes: z.number().int().meta({ description: "Of all its keys and values, as UTF-8." }),
    createdAt: moment,
    updatedAt: moment.meta({ description: "When its name or an item was last changed." }),
  })
  .meta({ id: "Collection" });
export type CollectionSummary = z.infer<typeof collectionSummary>;

export const collectionsQuery = z.strictObject({
  cursor: z.string().max(limits.collectionName).optional().meta({ description: "The name of the last one." }),
  limit: z.coerce.number().int().min(1).max(limits.page).default(limits.page),
});

/** The project's collections by name, with how much they hold. */
export async function listCollections(
  ctx: Context,
  input: z.input<typeof collectionsQuery> = {},
): Promise<Page<CollectionSummary>> {
  requirePermission(ctx, "collection.read");
  const { cursor, limit } = collectionsQuery.parse(input);
  const { id, name, items, bytes, createdAt, updatedAt } = collections;
  const found = await ctx.db
    .select({ id, name, items, bytes, createdAt, updatedAt })
    .from(collections)
    .where(and(eq(collections.projectId, ctx.project.id), ...(cursor ? [gt(name, cursor)] : [])))
    .orderBy(asc(name))
    .limit(limit + 1);
  const shown = found.map((one) => ({
    ...one,
    createdAt: iso(one.createdAt),
    updatedAt: iso(one.updatedAt),
  }));
  return toPageBy(shown, limit, (last) => last.name);
}
