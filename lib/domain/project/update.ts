import { isDeepStrictEqual } from "node:util";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { projects } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { hasSecondFactor } from "@/lib/domain/second-factor/get";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { projectSettings } from "./schemas";

export const projectUpdate = projectSettings.extend({ basedOn: z.iso.datetime().optional() });

export const savedProject = z.strictObject({ updatedAt: moment });

type Settings = Omit<z.infer<typeof projectUpdate>, "basedOn">;

/**
 * Changes the settings that `input` names. Throws `conflict` when it names the version it started from (`basedOn`,
 * the project's `updatedAt`) and somebody has changed the project since, and when it asks everybody for a second factor
 * that the caller lacks.
 */
export async function updateProject(
  ctx: Context,
  input: z.input<typeof projectUpdate>,
): Promise<z.infer<typeof savedProject>> {
  return write(ctx, "project.update", async (tx) => {
    const { basedOn, ...changes } = projectUpdate.parse(input);
    const [current] = await tx.select().from(projects).where(eq(projects.id, ctx.project.id)).for("update");
    if (!current) throw notFound("The project");
    if (basedOn && basedOn !== iso(current.updatedAt))
      throw conflict("Somebody else changed these settings meanwhile. Reload the page to see them.");
    const { before, after } = difference({ ...current, redactions: current.redactions ?? [] }, changes);
    if (after.requireSecondFactor) await requireOwnFactor(tx, ctx);
    if (Object.keys(after).length === 0)
      return { result: { updatedAt: iso(current.updatedAt) }, audit: null, changed: null };
    const [saved] = await tx
      .update(projects)
      // Milliseconds, so that the version that clients see is the version that is stored.
      .set({ ...after, updatedAt: sql`date_trunc('milliseconds', clock_timestamp())` })
      .where(eq(projects.id, ctx.project.id))
      .returning({ updatedAt: projects.updatedAt });
    return {
      result: { updatedAt: iso(saved?.updatedAt ?? current.updatedAt) },
      audit: { event: "project.update", itemId: ctx.project.id, before, after },
      changed: null,
    };
  });
}

/** Whoever shuts the others out would shut themselves out too. */
async function requireOwnFactor(tx: Db, ctx: Context): Promise<void> {
  const userId = actorUserId(ctx.actor);
  if (!userId || !(await hasSecondFactor(tx, userId)))
    throw conflict("Set up a second factor of your own first, on your account page.");
}

/** Only what really changes, before and after; the order of keys is the database's. */
function difference(current: Record<string, unknown>, changes: Settings) {
  const changed = Object.entries(changes).filter(
    ([key, value]) => value !== undefined && !isDeepStrictEqual(value, current[key]),
  );
  return {
    before: Object.fromEntries(changed.map(([key]) => [key, current[key]])),
    after: Object.fromEntries(changed),
  };
}
