import { and, eq } from "drizzle-orm";
import { projects, users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { restoreProject } from "@/lib/domain/project/restore";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";

/**
 * Takes the deletion of the caller's account back, and of the projects that went with it. Sessions and tokens that ended
 * stay so. Throws `conflict` when it is not being deleted, or its time is over.
 */
export async function restoreUser(ctx: UserContext): Promise<void> {
  const { userId } = ctx.actor;
  await write(ctx, "own", async (tx) => {
    const [user] = await tx
      .select({ deletesAt: users.deletesAt, deletionScheduledAt: users.deletionScheduledAt })
      .from(users)
      .where(eq(users.id, userId))
      .for("no key update");
    if (!user) throw notFound("Your account");
    if (!user.deletesAt || !user.deletionScheduledAt) throw conflict("Your account is not being deleted.");
    if (user.deletesAt.getTime() <= Date.now())
      throw conflict("Its time is over, and it is being purged: it cannot be brought back.");
    const along = await tx
      .select({ id: projects.id, name: projects.name })
      .from(projects)
      .where(
        and(
          eq(projects.deletionScheduledBy, userId),
          eq(projects.deletionScheduledAt, user.deletionScheduledAt),
          eq(projects.deletesAt, user.deletesAt),
        ),
      );
    for (const project of along) await restoreProject({ ...ctx, db: tx, project, role: "owner" });
    await tx.update(users).set({ deletionScheduledAt: null, deletesAt: null }).where(eq(users.id, userId));
    return {
      result: undefined,
      audit: { event: "user.restore", itemId: userId },
      changed: null,
    };
  });
}
