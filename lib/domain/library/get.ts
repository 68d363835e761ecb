import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { entryOf, usesOf, versionOf } from "./entry";
import type { LibraryJob } from "./types";

/** Returns an entry with its newest code and every job that is of it. Throws `not_found`. */
export async function getLibraryJob(ctx: Context, id: string): Promise<LibraryJob> {
  requirePermission(ctx, "workflow.read");
  const { name, description, createdAt, updatedAt } = await entryOf(ctx, ctx.db, id);
  const [newest, uses] = await Promise.all([versionOf(ctx, ctx.db, id), usesOf(ctx, ctx.db, [id])]);
  return {
    id,
    name,
    description,
    ...newest,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    uses: uses.map(({ entryId: _, ...use }) => use),
  };
}
