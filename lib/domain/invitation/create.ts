import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { invitations, projectMembers, users } from "@/db/schema";
import { newToken } from "@/lib/crypto/token";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockProject, refuseOneMore } from "@/lib/domain/counted";
import { requirePermission } from "@/lib/domain/permissions";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { emailInput } from "@/lib/domain/user/schemas";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { deliverInvitation, invitationDays, type SentInvitation } from "./deliver";
import { isOpen } from "./find";

/** There is one owner; that role is handed over, never given by invitation. */
export const invitableRoles = ["admin", "editor", "viewer"] as const;

export const newInvitation = z.strictObject({ email: emailInput, role: z.enum(invitableRoles) });

/**
 * Invites a mailbox to the project and sends the link. The answer is the same whether or not the e-mail has an
 * account. Throws `conflict` when the person is a member or is already invited, `limit` after too many invitations.
 */
export async function createInvitation(
  ctx: Context,
  input: z.input<typeof newInvitation>,
): Promise<SentInvitation> {
  requirePermission(ctx, "member.manage");
  const { email, role } = newInvitation.parse(input);
  await consumeLimit(ctx.db, `invite:${actorUserId(ctx.actor) ?? ctx.project.id}`, limits.invitationPerUser);
  const { token, hash } = newToken("wbi_");
  const invitation = await write(ctx, "member.manage", async (tx) => {
    await lockProject(tx, ctx.project.id);
    await refuseDuplicate(tx, ctx.project.id, email);
    await refuseOneMore(tx, "invitations", {
      table: invitations,
      where: and(eq(invitations.projectId, ctx.project.id), isOpen()),
      whose: "The project",
    });
    const [row] = await tx
      .insert(invitations)
      .values({
        projectId: ctx.project.id,
        email,
        role,
        tokenHash: hash,
        invitedBy: actorUserId(ctx.actor),
        expiresAt: new Date(Date.now() + invitationDays * 86_400_000),
      })
      .returning({ id: invitations.id });
    if (!row) throw new Error("The invitation was not inserted.");
    return {
      result: { id: row.id, email, role },
      audit: { event: "invitation.create", itemId: row.id, after: { email, role } },
      changed: null,
    };
  });
  return deliverInvitation(ctx, invitation, token);
}

async function refuseDuplicate(tx: Db, projectId: string, email: string): Promise<void> {
  const [member] = await tx
    .select({ role: projectMembers.role })
    .from(projectMembers)
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .where(and(eq(projectMembers.projectId, projectId), eq(users.email, email)));
  if (member) throw conflict(`${email} is already a collaborator (${member.role}).`);
  const [open] = await tx
    .select({ id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.projectId, projectId), eq(invitations.email, email), isOpen()));
  if (open) throw conflict(`${email} is already invited. Send the invitation again instead.`);
}
