import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { invitations, projectMembers, projects, users } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";
import type { UserContext } from "@/lib/domain/context";
import { lockProject, refuseLastMade } from "@/lib/domain/counted";
import { write } from "@/lib/domain/write";
import { mailMode } from "@/lib/mail/mode";
import { forbidden, notFound } from "@/lib/refusal";
import { roles } from "@/lib/words";
import { isOpen } from "./find";

/** The link's token, or the id of an invitation that waits for a proven mailbox. */
export const invitationAnswer = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ invitationId: z.uuid() }),
]);

export const acceptedInvitation = z.strictObject({ projectId: z.uuid(), role: z.enum(roles) });

type Answer = z.input<typeof invitationAnswer>;

/**
 * Makes the caller a member. Throws `not_found` when the invitation is used up, withdrawn or out of date,
 * `forbidden` when it was sent to another e-mail than the caller's.
 */
export async function acceptInvitation(
  ctx: UserContext,
  input: Answer,
): Promise<z.infer<typeof acceptedInvitation>> {
  return write(ctx, "own", async (tx) => {
    const invitation = await lockMine(tx, ctx, invitationAnswer.parse(input));
    const { projectId, role } = invitation;
    await lockProject(tx, projectId);
    await tx.update(invitations).set({ acceptedAt: sql`now()` }).where(isIt(invitation));
    await tx
      .insert(projectMembers)
      .values({ projectId, userId: ctx.actor.userId, role })
      .onConflictDoNothing();
    await refuseLastMade(tx, "members", {
      table: projectMembers,
      where: eq(projectMembers.projectId, projectId),
      whose: "The project",
    });
    // A link that was mailed shows that its bearer reads the mailbox.
    if ("token" in input && mailMode() === "smtp")
      await tx
        .update(users)
        .set({ emailVerified: sql`coalesce(email_verified, now())` })
        .where(eq(users.id, ctx.actor.userId));
    const project = { id: projectId };
    return {
      result: { projectId, role },
      audit: { event: "invitation.accept", itemId: invitation.id, after: { role }, project },
      changed: null,
    };
  });
}

/** Refuses an invitation; its link stops working. Throws as `acceptInvitation` does. */
export async function declineInvitation(ctx: UserContext, input: Answer): Promise<void> {
  await write(ctx, "own", async (tx) => {
    const invitation = await lockMine(tx, ctx, invitationAnswer.parse(input));
    await tx.update(invitations).set({ revokedAt: sql`now()` }).where(isIt(invitation));
    const project = { id: invitation.projectId };
    return {
      result: undefined,
      audit: { event: "invitation.decline", itemId: invitation.id, project },
      changed: null,
    };
  });
}

const isIt = ({ id, projectId }: { id: string; projectId: string }) =>
  and(eq(invitations.id, id), eq(invitations.projectId, projectId));

async function lockMine(tx: Db, ctx: UserContext, answer: Answer) {
  const isNamed =
    "token" in answer
      ? eq(invitations.tokenHash, hashToken(answer.token))
      : eq(invitations.id, answer.invitationId);
  const [invitation] = await tx
    .select({ id: invitations.id, email: invitations.email, role: invitations.role, projectId: projects.id })
    .from(invitations)
    .innerJoin(projects, and(eq(projects.id, invitations.projectId), isNull(projects.deletionScheduledAt)))
    .where(and(isNamed, isOpen()))
    .for("update", { of: invitations });
  const [user] = await tx
    .select({ email: users.email, emailVerified: users.emailVerified })
    .from(users)
    .where(eq(users.id, ctx.actor.userId));
  const isMine = invitation !== undefined && invitation.email === user?.email;
  if (!invitation || (!isMine && !("token" in answer)) || (!("token" in answer) && !user?.emailVerified))
    throw notFound("The invitation");
  if (!isMine)
    throw forbidden(`This invitation is for ${invitation.email}. Sign in with that address to answer it.`);
  return invitation;
}
