import { eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { projects } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { lockPause } from "@/lib/domain/pause/resume-lock";
import type { PauseState } from "@/lib/domain/workflow/pause";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { notFound } from "@/lib/refusal";

/**
 * Keeps the runs of all workflows of the project: messages are accepted and matched, their runs wait. What runs may end.
 * Pausing what is paused changes nothing.
 */
export const pauseProject = (ctx: Context): Promise<PauseState> =>
  write(ctx, "project.pause", async (tx) => {
    const { pausedAt } = await lockProject(tx, ctx);
    if (pausedAt) return { result: { pausedAt: pausedAt.toISOString() }, audit: null, changed: null };
    const now = new Date();
    await tx
      .update(projects)
      .set({ pausedAt: now, pausedBy: actorUserId(ctx.actor) })
      .where(eq(projects.id, ctx.project.id));
    return {
      result: { pausedAt: now.toISOString() },
      audit: { event: "project.pause", itemId: ctx.project.id },
      changed: null,
    };
  });

/** Lets the project's runs start again, in the order in which they came, but for those of workflows that are paused. */
export const resumeProject = (ctx: Context): Promise<PauseState> =>
  write(ctx, "project.pause", async (tx) => {
    await lockPause(tx, ctx.project.id);
    const { pausedAt } = await lockProject(tx, ctx);
    if (!pausedAt) return { result: { pausedAt: null }, audit: null, changed: null };
    await tx.update(projects).set({ pausedAt: null, pausedBy: null }).where(eq(projects.id, ctx.project.id));
    await sendEvent(tx, ctx.project.id, "runs/resumed", { projectId: ctx.project.id });
    return {
      result: { pausedAt: null },
      audit: {
        event: "project.resume",
        itemId: ctx.project.id,
        before: { pausedAt: pausedAt.toISOString() },
      },
      changed: null,
    };
  });

async function lockProject(tx: Db, ctx: Context) {
  const [row] = await tx
    .select({ pausedAt: projects.pausedAt })
    .from(projects)
    .where(eq(projects.id, ctx.project.id))
    .for("no key update");
  if (!row) throw notFound("The project");
  return row;
}
