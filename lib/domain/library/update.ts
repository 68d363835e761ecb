import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { libraryJobs } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { entryOf, withTakenEntryName } from "./entry";
import { entryDescription, entryName } from "./types";

/** What is left out stays. Its code changes by new versions alone. */
export const updateLibraryJobInput = z.strictObject({
  id: z.uuid(),
  name: entryName.optional(),
  description: entryDescription.optional(),
});

export const updatedLibraryJob = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
});

/** Renames or describes an entry; jobs keep their own names. Throws `not_found`, `conflict` when the name is taken. */
export function updateLibraryJob(
  ctx: Context,
  input: z.input<typeof updateLibraryJobInput>,
): Promise<z.infer<typeof updatedLibraryJob>> {
  const { id, ...changes } = updateLibraryJobInput.parse(input);
  return withTakenEntryName(() =>
    write(ctx, "workflow.write", async (tx) => {
      const { name, description } = await entryOf(ctx, tx, id, true);
      const before = { name, description };
      const after = {
        name: changes.name ?? name,
        description: changes.description === undefined ? description : changes.description,
      };
      if (after.name === before.name && after.description === before.description)
        return { result: { id, ...after }, audit: null, changed: null };
      await tx
        .update(libraryJobs)
        .set({ ...after, updatedAt: new Date() })
        .where(and(eq(libraryJobs.id, id), eq(libraryJobs.projectId, ctx.project.id)));
      return {
        result: { id, ...after },
        audit: { event: "library.update", itemId: id, before, after },
        changed: null,
      };
    }),
  );
}
