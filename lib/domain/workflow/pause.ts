import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { workflows } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { lockPause } from "@/lib/domain/pause/resume-lock";
import { write } from "@/lib/domain/write";
import { sendEvent } from "@/lib/queue/queue";
import { notFound } from "@/lib/refusal";

export const pauseState = z.strictObject({
  pausedAt: moment.nullable().meta({ description: "Since when its runs are kept; null while they start." }),
});
export type PauseState = z.infer<typeof pauseState>;

/**
 * Keeps a workflow's runs: messages are accepted and matched, their runs wait. What runs may end. Pausing what is paused
 * changes nothing. Throws `not_found`.
 */
export const pauseWorkflow = (ctx: Context, workflowId: string): Promise<PauseState> =>
  write(ctx, "workflow.pause", async (tx) => {
    const { pausedAt } = await lockWorkflow(tx, ctx, workflowId);
    if (pausedAt) return { result: { pausedAt: pausedAt.toISOString() }, audit: null, changed: null };
    const now = new Date();
    await set(tx, ctx, workflowId, { pausedAt: now, pausedBy: actorUserId(ctx.actor) });
    return {
      result: { pausedAt: now.toISOString() },
      audit: { event: "workflow.pause", itemId: workflowId },
      changed: { workflows: [workflowId] },
    };
  });

/**
 * Lets a workflow's runs start again, in the order in which they came; unless its project is paused, too. Throws
 * `not_found`.
 */
export const resumeWorkflow = (ctx: Context, workflowId: string): Promise<PauseState> =>
  write(ctx, "workflow.pause", async (tx) => {
    const id = z.uuid().safeParse(workflowId);
    if (id.success) await lockPause(tx, id.data);
    const { pausedAt } = await lockWorkflow(tx, ctx, workflowId);
    if (!pausedAt) return { result: { pausedAt: null }, audit: null, changed: null };
    await set(tx, ctx, workflowId, { pausedAt: null, pausedBy: null });
    await sendEvent(tx, ctx.project.id, "runs/resumed", { projectId: ctx.project.id });
    return {
      result: { pausedAt: null },
      audit: { event: "workflow.resume", itemId: workflowId, before: { pausedAt: pausedAt.toISOString() } },
      changed: { workflows: [workflowId] },
    };
  });

async function lockWorkflow(tx: Db, ctx: Context, workflowId: string) {
  const { success, data: id } = z.uuid().safeParse(workflowId);
  if (!success) throw notFound("Workflow");
  const [row] = await tx
    .select({ pausedAt: workflows.pausedAt })
    .from(workflows)
    .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)))
    .for("no key update");
  if (!row) throw notFound("Workflow");
  return row;
}

const set = (
  tx: Db,
  ctx: Context,
  workflowId: string,
  values: { pausedAt: Date | null; pausedBy: string | null },
) =>
  tx
    .update(workflows)
    .set(values)
    .where(and(eq(workflows.id, workflowId), eq(workflows.projectId, ctx.project.id)));
