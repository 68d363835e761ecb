import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { takeIds, takeNewIds } from "@/lib/domain/taken-ids";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";

export const rotatedInbox = z.strictObject({ inboxId: z.uuid() });

/** Gives the project a new inbox URL. The old one answers 404 from now on, and is never given out again. */
export async function rotateInbox(ctx: Context): Promise<z.infer<typeof rotatedInbox>> {
  const inboxId = randomUUID();
  return write(ctx, "project.update", async (tx) => {
    const [before] = await tx
      .select({ inboxId: projects.inboxId })
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("update");
    if (!before) throw notFound("The project");
    // An older release may have made the project, which takes no ids.
    await takeIds(tx, ctx.project.id, [{ id: before.inboxId, kind: "inbox" }]);
    const taken = await takeNewIds(tx, ctx.project.id, [{ id: inboxId, kind: "inbox" }]);
    if (taken.length > 0) throw new Error("A random id was given out before.");
    await tx.update(projects).set({ inboxId }).where(eq(projects.id, ctx.project.id));
    return {
      result: { inboxId },
      audit: { event: "project.rotate_inbox", itemId: ctx.project.id },
      changed: null,
    };
  });
}
