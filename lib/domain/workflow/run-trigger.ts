import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { triggers, workflows } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { isLeading, isStillBusy } from "@/lib/queue/clock";
import { openWorkOrder, queueAttempt } from "@/lib/queue/queue";
import { startState } from "@/lib/queue/start-state";
import { conflict, invalid, notFound } from "@/lib/refusal";

export const startedRun = z.strictObject({ runId: z.uuid(), workOrderId: z.uuid() });

/**
 * Starts a cron trigger's workflow now, from the state that its next time would begin with, enabled or not. Throws
 * `conflict` while what it started before is under way, or when no edge leaves it; `invalid` for another type, `limit` when the project's plan has no run left.
 */
export function runTrigger(
  ctx: Context,
  input: { workflowId: string; triggerId: string },
): Promise<z.infer<typeof startedRun>> {
  return write(ctx, "run.start", async (tx) => {
    const { type, workflowId, projectId, cronCursorJobId } = triggers;
    // Two who press at once wait for each other here, and for the clock.
    const [trigger] = await tx
      .select({ type, workflowId, cursorJobId: cronCursorJobId })
      .from(triggers)
      .where(isIt(ctx, input))
      .for("update");
    if (!trigger) throw notFound("The trigger");
    const [facts] = await tx
      .select({
        snapshotId: workflows.snapshotId,
        leads: sql<boolean>`${sql.raw(isLeading("triggers"))}`,
        isBusy: sql<boolean>`${sql.raw(isStillBusy("triggers"))}`,
      })
      .from(triggers)
      .innerJoin(workflows, and(eq(workflows.id, workflowId), eq(workflows.projectId, projectId)))
      .where(and(isIt(ctx, input), isNull(workflows.deletedAt)));
    if (!facts?.snapshotId) throw notFound("The workflow");
    if (trigger.type !== "cron")
      throw invalid(`Only a trigger of type cron is run so, and this one is a ${trigger.type}.`);
    if (!facts.leads)
      throw conflict(
        "No enabled edge leaves this trigger, so there is nothing to run. Enable one in the workflow first.",
      );
    if (facts.isBusy) throw conflict("The run before is still under way. Wait for its end, or cancel it.");
    const of = { projectId: ctx.project.id, workflowId: trigger.workflowId, snapshotId: facts.snapshotId };
    const { cursorJobId } = trigger;
    const { triggerId } = input;
    const dataclipId = await startState({ query: queryOf(tx) }, { ...of, triggerId, cursorJobId });
    const workOrderId = await openWorkOrder(tx, { ...of, messageId: null, triggerId, dataclipId });
    const by = { createdBy: actorUserId(ctx.actor), jobId: null, linkedStepIds: [], messageId: null };
    const run = await queueAttempt(tx, { ...of, ...by, workOrderId, triggerId, dataclipId });
    return {
      result: { runId: run.id, workOrderId: run.workOrderId },
      audit: { event: "trigger.run", itemId: input.triggerId, after: { runId: run.id } },
      changed: null,
    };
  });
}

const isIt = ({ project }: Context, { workflowId, triggerId }: { workflowId: string; triggerId: string }) =>
  and(eq(triggers.id, triggerId), eq(triggers.workflowId, workflowId), eq(triggers.projectId, project.id));
