import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { invitations, projects, users } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";
import type { Role } from "@/lib/words";

/** Neither accepted nor withdrawn. */
export const isUnanswered = () => and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));

/** Nor out of date. */
export const isOpen = () => and(isUnanswered(), gt(invitations.expiresAt, sql`now()`));

export type OpenInvitation = {
  id: string;
  email: string;
  role: Role;
  project: { id: string; name: string; requireSecondFactor: boolean };
  invitedBy: string | null;
  expiresAt: Date;
};

export const selectInvitations = (db: Db) =>
  db
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      project: {
        id: projects.id,
        name: projects.name,
        requireSecondFactor: projects.requireSecondFactor,
      },
      invitedBy: users.email,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .innerJoin(projects, and(eq(projects.id, invitations.projectId), isNull(projects.deletionScheduledAt)))
    .leftJoin(users, eq(users.id, invitations.invitedBy));

/** What a link invites to; undefined when the link is wrong or used up. */
export async function findOpenInvitation(db: Db, token: string): Promise<OpenInvitation | undefined> {
  const [row] = await selectInvitations(db).where(and(eq(invitations.tokenHash, hashToken(token)), isOpen()));
  return row;
}

/** Whether anybody waits for the person behind this e-mail. */
export async function hasOpenInvitation(db: Db, email: string): Promise<boolean> {
  // all tenants: any project may have invited them
  const [row] = await db
    .select({ id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.email, email), isOpen()))
    .limit(1);
  return row !== undefined;
}
