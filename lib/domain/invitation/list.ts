import { and, desc, eq, isNotNull, lt } from "drizzle-orm";
import { z } from "zod";
import { iso } from "@/db/rows";
import { invitations, users } from "@/db/schema";
import type { Context, UserContext } from "@/lib/domain/context";
import { moment, named } from "@/lib/domain/fields";
import { type Page, pageInput, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { roles } from "@/lib/words";
import { isOpen, isUnanswered, selectInvitations } from "./find";

export const invitationSummary = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(roles),
    expiresAt: moment,
    isExpired: z.boolean(),
    createdAt: moment,
  })
  .meta({ id: "Invitation" });
export type InvitationSummary = z.infer<typeof invitationSummary>;

/** An invitation as the invited person sees it. */
export const myInvitation = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    role: z.enum(roles),
    project: named.extend({ requireSecondFactor: z.boolean() }),
    invitedBy: z.string().nullable(),
    expiresAt: moment,
  })
  .meta({ id: "MyInvitation" });
export const myInvitationList = z.strictObject({ items: z.array(myInvitation) });

/** Invitations of the project that nobody answered yet, newest first. */
export async function listInvitations(
  ctx: Context,
  input: z.input<typeof pageInput> = {},
): Promise<Page<InvitationSummary>> {
  requirePermission(ctx, "project.read");
  const { cursor, limit } = pageInput.parse(input);
  const found = await ctx.db
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      expiresAt: invitations.expiresAt,
      createdAt: invitations.createdAt,
    })
    .from(invitations)
    .where(
      and(
        eq(invitations.projectId, ctx.project.id),
        isUnanswered(),
        ...(cursor ? [lt(invitations.id, cursor)] : []),
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(limit + 1);
  const items = found.map((row) => ({
    ...row,
    isExpired: row.expiresAt.getTime() <= Date.now(),
    expiresAt: iso(row.expiresAt),
    createdAt: iso(row.createdAt),
  }));
  return toPage(items, limit);
}

/** Invitations that wait for the caller. Only for a mailbox that is proven to be theirs. */
export async function listMyInvitations(ctx: UserContext): Promise<z.infer<typeof myInvitation>[]> {
  const [user] = await ctx.db
    .select({ email: users.email })
    .from(users)
    .where(and(eq(users.id, ctx.actor.userId), isNotNull(users.emailVerified)));
  if (!user) return [];
  const found = await selectInvitations(ctx.db)
    .where(and(eq(invitations.email, user.email), isOpen()))
    .orderBy(desc(invitations.id));
  return found.map((row) => ({ ...row, expiresAt: iso(row.expiresAt) }));
}
