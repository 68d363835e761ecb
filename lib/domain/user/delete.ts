import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { iso } from "@/db/rows";
import { apiTokens, projectMembers, projects, sessions, users } from "@/db/schema";
import type { Actor, Context } from "@/lib/domain/context";
import { type scheduledDeletion, scheduleProjectDeletion } from "@/lib/domain/project/delete";
import { tellOfDeletion } from "@/lib/domain/project/tell-deletion";
import { dayOf, purgeTime } from "@/lib/domain/purge/grace";
import { write } from "@/lib/domain/write";
import { env, publicUrl } from "@/lib/env";
import { sendMail } from "@/lib/mail/send";
import { accountDeletionMail } from "@/lib/mail/texts";
import type { Announce } from "@/lib/queue/announce";
import { conflict, invalid, notFound } from "@/lib/refusal";

export const accountDeletion = z.strictObject({
  confirmEmail: z.string().max(254),
  deleteProjects: z.boolean().default(false).meta({
    description: "Also deletes the projects that you own; without it, owning one is a reason to refuse.",
  }),
});

type Deleter = { db: Db; announce: Announce; actor: Actor };

/**
 * Schedules an account's deletion: signed out everywhere and its API tokens revoked at once, purged in seven days, and until
 * then signing in offers nothing but to undo it. Throws `invalid` unless its e-mail is repeated, `conflict` while it owns
 * projects (`details.projects`) that are not to go with it, or when it is scheduled already. `atOnce` is for the operator.
 */
export async function deleteUser(
  ctx: Deleter,
  userId: string,
  input: z.input<typeof accountDeletion>,
  { atOnce = false }: { atOnce?: boolean } = {},
): Promise<z.infer<typeof scheduledDeletion>> {
  const { confirmEmail, deleteProjects } = accountDeletion.parse(input);
  const times = { deletionScheduledAt: new Date(), deletesAt: purgeTime({ atOnce }) };
  const { email, contexts } = await write(ctx, "own", async (tx) => {
    const [user] = await tx
      .select({ email: users.email, deletesAt: users.deletesAt })
      .from(users)
      .where(eq(users.id, userId))
      .for("no key update");
    if (!user) throw notFound("The account");
    if (confirmEmail.trim().toLowerCase() !== user.email)
      throw invalid(`Type ${user.email} to confirm.`, { confirmEmail: [`This is not ${user.email}.`] });
    if (user.deletesAt && !atOnce)
      throw conflict(`This account is being deleted already, for good on ${dayOf(user.deletesAt)}.`);
    const owned = await ownedProjects(tx, userId);
    if (owned.length > 0 && !deleteProjects)
      throw conflict("You own projects. Hand them over, or delete them too.", { projects: owned });
    const contexts = owned.map((project): Context => ({ ...ctx, db: tx, project, role: "owner" }));
    for (const context of contexts)
      await scheduleProjectDeletion(context, { confirmName: context.project.name }, { times, by: userId });
    await tx.update(users).set(times).where(eq(users.id, userId));
    for (const table of [sessions, apiTokens])
      await tx
        .update(table)
        .set({ revokedAt: sql`now()` })
        .where(and(eq(table.userId, userId), isNull(table.revokedAt)));
    return {
      result: { email: user.email, contexts },
      audit: {
        event: "user.delete",
        itemId: userId,
        after: { deletesAt: iso(times.deletesAt), projects: owned.map(({ name }) => name) },
      },
      changed: null,
    };
  });
  if (!atOnce) {
    for (const context of contexts) await tellOfDeletion({ ...context, db: ctx.db }, times.deletesAt);
    const link = `${publicUrl(env())}/sign-in`;
    await sendMail(ctx.db, accountDeletionMail({ to: email, day: dayOf(times.deletesAt), link }));
  }
  return { deletesAt: iso(times.deletesAt) };
}

/** Projects that nobody else could go on with, but those that are being deleted anyway. */
export const ownedProjects = (db: Db, userId: string): Promise<{ id: string; name: string }[]> =>
  db
    .select({ id: projects.id, name: projects.name })
    .from(projectMembers)
    .innerJoin(projects, eq(projects.id, projectMembers.projectId))
    // checked: the user's own
    .where(
      and(eq(projectMembers.userId, userId), eq(projectMembers.role, "owner"), isNull(projects.deletesAt)),
    )
    .orderBy(asc(projects.name), asc(projects.id));
