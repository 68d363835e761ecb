import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { collections } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, storable } from "@/lib/domain/fields";
import { type Page, pageInput } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { limits } from "@/lib/limits";
import { forbidden, notFound } from "@/lib/refusal";
import { inTurn } from "./items";
import { type CollectionSummary, collectionSummary } from "./list";
import { listCollectionItems, type StoredItem } from "./list-items";
import { collectionRef } from "./schemas";
import { isGuess, shownTo } from "./show";

const previewChars = 2_000;

export const collectionItem = z
  .strictObject({
    id: z.uuid(),
    key: z.string(),
    preview: z.string().meta({ description: "The value, at most its first 2,000 characters." }),
    chars: z.number().int().nullable().meta({ description: "Of the whole value; null where it is masked." }),
    created: moment,
    updated: moment,
  })
  .meta({ id: "CollectionItem" });
export type CollectionItem = z.infer<typeof collectionItem>;

export const itemsQuery = z.strictObject({
  ...pageInput.shape,
  key: storable
    .max(limits.collectionKey)
    .optional()
    .meta({ description: "Items with this key; * in it stands for any text." }),
});

/** One collection of the project. Throws `not_found`. */
export async function getCollection(
  ctx: Context,
  input: z.input<typeof collectionRef>,
): Promise<CollectionSummary> {
  requirePermission(ctx, "collection.read");
  const { id } = collectionRef.parse(input);
  return summaryOf(await rowOf(ctx, id));
}

/**
 * Items of a collection for people, in the order in which they were added. Where something of the project is masked for the
 * role, neither keys nor values are shown, and none is looked up by its key. Throws `not_found`, `forbidden`.
 */
export async function listItems(
  ctx: Context,
  input: z.input<typeof collectionRef> & z.input<typeof itemsQuery>,
): Promise<Page<CollectionItem>> {
  requirePermission(ctx, "collection.read");
  const { id: given, ...rest } = input;
  const { id } = collectionRef.parse({ id: given });
  const { key, cursor, limit } = itemsQuery.parse(rest);
  const { contentsId } = await rowOf(ctx, id);
  const shown = await shownTo(ctx);
  if (isGuess(shown, key))
    throw forbidden("Keys are masked for your role in this project, so nothing is looked up by them.");
  const filter = key ? { key } : {};
  const query = { projectId: ctx.project.id, contentsId, filter, most: limit };
  const page = await inTurn(ctx.project.id, () => listCollectionItems(ctx.db, query, cursor ?? null));
  const items = page.items.map((one) => itemOf(shown.item(one), shown.isMasked));
  return { items, nextCursor: page.isLast ? null : (items.at(-1)?.id ?? null) };
}

async function rowOf(ctx: Context, id: string) {
  const [row] = await ctx.db
    .select()
    .from(collections)
    .where(and(eq(collections.id, id), eq(collections.projectId, ctx.project.id)));
  if (!row) throw notFound("The collection");
  return row;
}

const summaryOf = ({ id, name, items, bytes, ...row }: typeof collections.$inferSelect): CollectionSummary =>
  collectionSummary.parse({
    ...{ id, name, items, bytes },
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
  });

const itemOf = ({ id, key, value, created, updated }: StoredItem, isMasked: boolean): CollectionItem => ({
  id,
  key,
  preview: value.slice(0, previewChars).toWellFormed(),
  chars: isMasked ? null : value.length,
  created: iso(created),
  updated: iso(updated),
});
