import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { collections, emptiedCollections } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { lockItems } from "./lock";
import { collectionRef } from "./schemas";

const ids = z.array(z.uuid().transform((id) => id.toLowerCase()));

/**
 * Deletes collections of the project with all that they hold, which is out of everybody's sight at once and deleted batch
 * by batch. Ids that are no collection of it are passed over. Returns the ids of those that were there.
 */
export async function deleteCollections(ctx: Context, wanted: readonly string[]): Promise<string[]> {
  return write(ctx, "collection.manage", async (tx) => {
    const given = ids.parse(wanted);
    if (given.length === 0) return { result: [], audit: null, changed: null };
    await lockItems(tx, ctx.project.id);
    const gone = await tx
      .delete(collections)
      .where(and(eq(collections.projectId, ctx.project.id), inArray(collections.id, given)))
      .returning();
    const left = gone.filter((one) => one.items > 0);
    if (left.length > 0)
      await tx
        .insert(emptiedCollections)
        .values(left.map(({ contentsId, projectId }) => ({ contentsId, projectId })));
    const audit = gone.map(({ id, name, items, bytes }) => ({
      event: "collection.delete",
      itemId: id,
      before: { name, items, bytes },
    }));
    return { result: gone.map(({ id }) => id), audit, changed: null };
  });
}

/** The same for one that has to be there. Throws `not_found`. */
export async function deleteCollection(ctx: Context, input: z.input<typeof collectionRef>): Promise<void> {
  const { id } = collectionRef.parse(input);
  if ((await deleteCollections(ctx, [id])).length === 0) throw notFound("The collection");
}
