import { and, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "@/db/client";
import { collections } from "@/db/schema";
import type { AuditEntry } from "@/lib/domain/audit";
import { violates } from "@/lib/domain/constraint";
import type { Context } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import { takeIds } from "@/lib/domain/taken-ids";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { collectionInput } from "./schemas";

type Named = { id: string; name: string };

export const sameName = (name: string) =>
  conflict(`A collection with this name already exists: ${name}. Choose another name.`);

/**
 * Makes collections of the project under ids of the caller's choice; one that is there by its id gets the name that is
 * given, and nothing happens where it has that already. Returns the ids of those that were made or renamed. Throws
 * `conflict` when another one has the name or the id is somebody else's, `invalid` when there would be too many.
 */
export async function createCollections(
  ctx: Context,
  wanted: readonly z.input<typeof collectionInput>[],
): Promise<string[]> {
  const given = wanted.map((one) => collectionInput.parse(one));
  let name = "";
  try {
    return await write(ctx, "collection.manage", async (tx) => {
      if (given.length === 0) return { result: [], audit: null, changed: null };
      await lockProject(tx, ctx.project.id);
      const known = await namesOf(tx, ctx.project.id, given);
      const made = given.filter(({ id }) => !known.has(id));
      const taken = await takeIds(
        tx,
        ctx.project.id,
        made.map(({ id }) => ({ id, kind: "collection" as const })),
      );
      if (taken.length > 0)
        throw conflict("The id of a collection is taken. Give it a new one.", { ids: taken });
      const changes: AuditEntry[] = [];
      for (const one of given) {
        name = one.name;
        const change = await put(tx, ctx.project.id, one, known.get(one.id));
        if (change) changes.push(change);
      }
      await refuseLastMade(tx, "collections", {
        table: collections,
        where: eq(collections.projectId, ctx.project.id),
        whose: "The project",
      });
      const ids = changes.flatMap(({ itemId }) => itemId ?? []);
      return { result: ids, audit: changes, changed: null };
    });
  } catch (error) {
    if (violates(error, "collections_name")) throw sameName(name);
    throw error;
  }
}

async function namesOf(tx: Db, projectId: string, given: Named[]): Promise<Map<string, string>> {
  const found = await tx
    .select({ id: collections.id, name: collections.name })
    .from(collections)
    .where(
      and(
        eq(collections.projectId, projectId),
        inArray(
          collections.id,
          given.map(({ id }) => id),
        ),
      ),
    );
  return new Map(found.map(({ id, name }) => [id, name]));
}

async function put(
  tx: Db,
  projectId: string,
  { id, name }: Named,
  before: string | undefined,
): Promise<AuditEntry | null> {
  if (before === name) return null;
  if (before === undefined) {
    // Of several in one transaction each is later than the one before: that is their order.
    await tx.insert(collections).values({ id, projectId, name, createdAt: sql`clock_timestamp()` });
    return { event: "collection.create", itemId: id, after: { name } };
  }
  await tx
    .update(collections)
    .set({ name, updatedAt: sql`now()` })
    .where(and(eq(collections.id, id), eq(collections.projectId, projectId)));
  return { event: "collection.update", itemId: id, before: { name: before }, after: { name } };
}
