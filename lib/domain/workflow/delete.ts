import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { triggers, workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { lockProject } from "@/lib/domain/counted";
import { lockPause } from "@/lib/domain/pause/resume-lock";
import { countWaiting } from "@/lib/domain/run/waiting";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { refuseBrokenFollowing } from "./following";

export const deleteWorkflowInput = z.strictObject({ id: z.uuid() });

/**
 * Deletes a workflow: it takes no message and no time any more, and its versions, runs and messages stay. What it accepted
 * before still runs. Throws `not_found`, `invalid` while another workflow follows one of its jobs, and `conflict` while it
 * is paused and runs wait in it: nobody could let them go.
 */
export async function deleteWorkflow(
  ctx: Context,
  input: z.input<typeof deleteWorkflowInput>,
  /** The caller, who changes several, looks at what follows what after the last. */
  { isOneOfMany = false }: { isOneOfMany?: boolean } = {},
): Promise<void> {
  const { id } = deleteWorkflowInput.parse(input);
  await write(ctx, "workflow.write", async (tx) => {
    await lockProject(tx, ctx.project.id);
    await lockPause(tx, id);
    const [deleted] = await tx
      .update(workflows)
      .set({ deletedAt: sql`now()`, updatedAt: sql`now()` })
      .where(and(eq(workflows.id, id), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)))
      .returning({
        name: workflows.name,
        lockVersion: workflows.lockVersion,
        pausedAt: workflows.pausedAt,
      });
    if (!deleted) throw notFound("Workflow");
    const { pausedAt, ...before } = deleted;
    if (pausedAt) await refuseWaiting({ ...ctx, db: tx }, id, before.name);
    // The clock looks at no times of what is gone; a restored one gets its next.
    await tx
      .update(triggers)
      .set({ nextRunAt: null })
      .where(and(eq(triggers.workflowId, id), eq(triggers.projectId, ctx.project.id)));
    if (!isOneOfMany) await refuseBrokenFollowing(tx, ctx.project.id);
    return {
      result: undefined,
      audit: { event: "workflow.delete", itemId: id, before },
      changed: { workflows: [id] },
    };
  });
}

async function refuseWaiting(ctx: Context, workflowId: string, name: string): Promise<void> {
  const { resume } = await countWaiting(ctx, { workflowId });
  if (resume > 0)
    throw conflict(
      `"${name}" is paused, and runs wait in it. Resume it or cancel them first, then delete it.`,
    );
}
