import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { collections } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { createCollections } from "./create";
import { collectionInput } from "./schemas";

/** Gives a collection another name. Throws `not_found`, and `conflict` when another one has the name. */
export async function renameCollection(ctx: Context, input: z.input<typeof collectionInput>): Promise<void> {
  requirePermission(ctx, "collection.manage");
  const { id, name } = collectionInput.parse(input);
  const [known] = await ctx.db
    .select({ id: collections.id })
    .from(collections)
    .where(and(eq(collections.id, id), eq(collections.projectId, ctx.project.id)));
  if (!known) throw notFound("The collection");
  await createCollections(ctx, [{ id, name }]);
}
