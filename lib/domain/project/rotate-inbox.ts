import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";

export const rotatedInbox = z.strictObject({ inboxId: z.uuid() });

/** Gives the project a new inbox URL. The old one answers 404 from now on. */
export async function rotateInbox(ctx: Context): Promise<z.infer<typeof rotatedInbox>> {
  const inboxId = randomUUID();
  return write(ctx, "project.update", async (tx) => {
    await tx.update(projects).set({ inboxId }).where(eq(projects.id, ctx.project.id));
    return {
      result: { inboxId },
      audit: { event: "project.rotate_inbox", itemId: ctx.project.id },
      changed: null,
    };
  });
}
