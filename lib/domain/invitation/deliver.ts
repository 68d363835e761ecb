import { eq } from "drizzle-orm";
import { z } from "zod";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { env, publicUrl } from "@/lib/env";
import { deliveries, sendMail } from "@/lib/mail/send";
import { invitationMail } from "@/lib/mail/texts";
import { type Role, roles } from "@/lib/words";

export const invitationDays = 14;

export const sentInvitation = z.strictObject({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(roles),
  delivery: z.enum(deliveries),
  link: z
    .string()
    .nullable()
    .meta({ description: "Only when no mail left this machine: then the inviter hands the link over." }),
});
export type SentInvitation = z.infer<typeof sentInvitation>;

/** Sends an invitation's link. After the commit: a mail cannot be rolled back. */
export async function deliverInvitation(
  ctx: Context,
  invitation: { id: string; email: string; role: Role },
  token: string,
): Promise<SentInvitation> {
  const link = `${publicUrl(env())}/invitations/${token}`;
  const [project] = await ctx.db
    .select({ requireSecondFactor: projects.requireSecondFactor })
    .from(projects)
    .where(eq(projects.id, ctx.project.id));
  const mail = invitationMail({
    requireSecondFactor: project?.requireSecondFactor ?? false,
    to: invitation.email,
    project: ctx.project.name,
    role: invitation.role,
    invitedBy: ctx.actor.label,
    link,
    days: invitationDays,
  });
  const delivery = await sendMail(ctx.db, mail);
  return { ...invitation, delivery, link: delivery === "sent" || delivery === "failed" ? null : link };
}
