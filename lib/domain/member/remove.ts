import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { credentials, drafts, projectCredentials, projectMembers } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { forbidden } from "@/lib/refusal";
import { lockMembers, memberRow, roleOf } from "./lock";

export const memberRemoval = z.strictObject({ userId: z.uuid() });

/** Takes a collaborator out of the project, with the credentials that they shared and their drafts. Throws `forbidden` for the owner. */
export async function removeMember(ctx: Context, input: z.input<typeof memberRemoval>): Promise<void> {
  await write(ctx, "member.manage", async (tx) => {
    const { userId } = memberRemoval.parse(input);
    await lockMembers(tx, ctx);
    const role = await roleOf(tx, ctx, userId);
    if (role === "owner")
      throw forbidden("The owner cannot be removed. Hand the project over to somebody else first.");
    await deleteMember(tx, ctx, userId);
    return {
      result: undefined,
      audit: { event: "member.remove", itemId: userId, before: { role } },
      changed: null,
    };
  });
}

/** Takes the caller out of the project. Throws `forbidden` for the owner. */
export async function leaveProject(ctx: Context): Promise<void> {
  if (ctx.role === "owner")
    throw forbidden("You own this project. Hand it over to somebody else, then leave.");
  await write(ctx, "project.leave", async (tx) => {
    const userId = actorUserId(ctx.actor);
    if (!userId) throw forbidden("Only a collaborator can leave.");
    await lockMembers(tx, ctx);
    const role = await roleOf(tx, ctx, userId);
    if (role === "owner") throw forbidden("You own this project. Hand it over to somebody else, then leave.");
    await deleteMember(tx, ctx, userId);
    return {
      result: undefined,
      audit: { event: "member.leave", itemId: userId, before: { role } },
      changed: null,
    };
  });
}

async function deleteMember(tx: Db, ctx: Context, userId: string): Promise<void> {
  await tx.delete(projectMembers).where(memberRow(ctx, userId));
  await tx.delete(drafts).where(and(eq(drafts.projectId, ctx.project.id), eq(drafts.userId, userId)));
  const theirs = tx.select({ id: credentials.id }).from(credentials).where(eq(credentials.ownerId, userId));
  await tx
    .delete(projectCredentials)
    .where(
      and(eq(projectCredentials.projectId, ctx.project.id), inArray(projectCredentials.credentialId, theirs)),
    );
}
