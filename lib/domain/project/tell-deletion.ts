import { and, asc, eq, inArray } from "drizzle-orm";
import { projectMembers, users } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { dayOf } from "@/lib/domain/purge/grace";
import { env, publicUrl } from "@/lib/env";
import { sendMail } from "@/lib/mail/send";
import { projectDeletionMail } from "@/lib/mail/texts";

/** More would only hold up whoever deletes. */
const maxMails = 100;

/** Mails a project's owner and admins that it is being deleted, by whom and until when that can be undone. */
export async function tellOfDeletion(ctx: Context, deletesAt: Date): Promise<void> {
  const people = await ctx.db
    .select({ email: users.email })
    .from(projectMembers)
    .innerJoin(users, eq(users.id, projectMembers.userId))
    .where(
      and(eq(projectMembers.projectId, ctx.project.id), inArray(projectMembers.role, ["owner", "admin"])),
    )
    .orderBy(asc(users.id))
    .limit(maxMails);
  await Promise.all(
    people.map(({ email }) =>
      sendMail(
        ctx.db,
        projectDeletionMail({
          to: email,
          project: ctx.project.name,
          by: ctx.actor.label,
          day: dayOf(deletesAt),
          // The list and not the project itself: what is kept of a mail names none of its ids.
          link: `${publicUrl(env())}/projects`,
        }),
      ),
    ),
  );
}
