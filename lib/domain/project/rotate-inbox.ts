import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { projects } from "@/db/schema";
import { audit } from "@/lib/domain/audit";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";

/** Gives the project a new inbox URL. The old one answers 404 from now on. */
export async function rotateInbox(ctx: Context): Promise<{ inboxId: string }> {
  requirePermission(ctx, "project.update");
  const inboxId = randomUUID();
  await ctx.db.transaction(async (tx) => {
    await tx.update(projects).set({ inboxId }).where(eq(projects.id, ctx.project.id));
    await audit(tx, ctx, { event: "project.rotate_inbox", itemId: ctx.project.id });
  });
  return { inboxId };
}
