import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { invitations } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { isUnanswered } from "./find";
import { invitationId } from "./resend";

/** Withdraws an invitation: its link stops working. */
export async function revokeInvitation(ctx: Context, input: z.input<typeof invitationId>): Promise<void> {
  await write(ctx, "member.manage", async (tx) => {
    const { invitationId: id } = invitationId.parse(input);
    const [row] = await tx
      .update(invitations)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(invitations.id, id), eq(invitations.projectId, ctx.project.id), isUnanswered()))
      .returning({ id: invitations.id, email: invitations.email, role: invitations.role });
    if (!row) throw notFound("The invitation");
    const before = { email: row.email, role: row.role };
    return {
      result: undefined,
      audit: { event: "invitation.revoke", itemId: row.id, before },
      changed: null,
    };
  });
}
