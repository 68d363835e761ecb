import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { projectMembers, users } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { refuseOneMoreProject } from "@/lib/domain/project/create";
import { write } from "@/lib/domain/write";
import { conflict, forbidden, invalid } from "@/lib/refusal";
import { lockMembers, memberRow, roleOf } from "./lock";

export const ownershipTransfer = z.strictObject({ userId: z.uuid() });

/**
 * Hands the project over to another collaborator; the owner so far stays as admin. Throws `forbidden` when the
 * caller no longer owns it, `not_found` when the other is no collaborator.
 */
export async function transferProject(ctx: Context, input: z.input<typeof ownershipTransfer>): Promise<void> {
  requirePermission(ctx, "project.transfer");
  const { userId } = ownershipTransfer.parse(input);
  const ownerId = actorUserId(ctx.actor);
  if (!ownerId) throw forbidden("Only the owner can hand a project over.");
  if (userId === ownerId) throw invalid("You own this project already.");
  await write(ctx, "project.transfer", async (tx) => {
    await refuseLeaving(tx, userId);
    await lockMembers(tx, ctx);
    if ((await roleOf(tx, ctx, ownerId)) !== "owner")
      throw forbidden("You do not own this project any more. Reload the page.");
    const before = await roleOf(tx, ctx, userId);
    await refuseOneMoreProject(tx, userId);
    // The old owner first: an index allows one owner at any moment.
    await tx.update(projectMembers).set({ role: "admin" }).where(memberRow(ctx, ownerId));
    await tx.update(projectMembers).set({ role: "owner" }).where(memberRow(ctx, userId));
    return {
      result: undefined,
      audit: {
        event: "project.transfer",
        itemId: ctx.project.id,
        before: { ownerId, role: before },
        after: { ownerId: userId },
      },
      changed: null,
    };
  });
}

/** A project whose owner is purged would be nobody's. Locks the person before the project, as their deletion does. */
async function refuseLeaving(tx: Db, userId: string): Promise<void> {
  const [user] = await tx
    .select({ deletesAt: users.deletesAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("share");
  if (user?.deletesAt) throw conflict("Their account is being deleted. Choose somebody else.");
}
