import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { invitations } from "@/db/schema";
import { newToken } from "@/lib/crypto/token";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { deliverInvitation, invitationDays, type SentInvitation } from "./deliver";
import { isUnanswered } from "./find";

export const invitationId = z.strictObject({ invitationId: z.uuid() });

/** Sends an invitation again with a new link and a new term; the old link stops working. */
export async function resendInvitation(
  ctx: Context,
  input: z.input<typeof invitationId>,
): Promise<SentInvitation> {
  requirePermission(ctx, "member.manage");
  const { invitationId: id } = invitationId.parse(input);
  await consumeLimit(ctx.db, `invite:${actorUserId(ctx.actor) ?? ctx.project.id}`, limits.invitationPerUser);
  const { token, hash } = newToken("wbi_");
  const invitation = await write(ctx, "member.manage", async (tx) => {
    const [row] = await tx
      .update(invitations)
      .set({ tokenHash: hash, expiresAt: new Date(Date.now() + invitationDays * 86_400_000) })
      .where(and(eq(invitations.id, id), eq(invitations.projectId, ctx.project.id), isUnanswered()))
      .returning({ id: invitations.id, email: invitations.email, role: invitations.role });
    if (!row) throw notFound("The invitation");
    return {
      result: row,
      audit: { event: "invitation.resend", itemId: row.id, after: { email: row.email } },
      changed: null,
    };
  });
  return deliverInvitation(ctx, invitation, token);
}
