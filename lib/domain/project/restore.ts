import { eq } from "drizzle-orm";
import { projects } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { conflict, notFound } from "@/lib/refusal";

/**
 * Takes a project's deletion back: it accepts and starts again, with all that it had. Runs that were cancelled stay so, and
 * can be run again. Throws `conflict` when it is not being deleted, or its time is over and the purge has begun.
 */
export async function restoreProject(ctx: Context): Promise<void> {
  await write(ctx, "project.delete", async (tx) => {
    const [project] = await tx
      .select({ deletesAt: projects.deletesAt })
      .from(projects)
      .where(eq(projects.id, ctx.project.id))
      .for("no key update");
    if (!project) throw notFound("The project");
    if (!project.deletesAt) throw conflict("This project is not being deleted.");
    if (project.deletesAt.getTime() <= Date.now())
      throw conflict("Its time is over, and it is being purged: it cannot be brought back.");
    await tx
      .update(projects)
      .set({ deletionScheduledAt: null, deletesAt: null, deletionScheduledBy: null })
      .where(eq(projects.id, ctx.project.id));
    // Of a line whose first was cancelled, the next is to start.
    await sendEvent(tx, ctx.project.id, "runs/resumed", { projectId: ctx.project.id });
    return {
      result: undefined,
      audit: { event: "project.restore", itemId: ctx.project.id },
      changed: null,
    };
  });
}
