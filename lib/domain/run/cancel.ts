import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { queryOf } from "@/db/rows";
import { runs } from "@/db/schema";
import { actorUserId, type Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { letNextGo } from "@/lib/queue/lines";
import { announceQueued, sendEvent } from "@/lib/queue/queue";
import { conflict, notFound } from "@/lib/refusal";
import { runStates } from "@/lib/words";
import { isFinal } from "@/lib/workflow/states";
import { workOrderState } from "@/lib/workflow/work-order";

/** The state afterwards: a running one ends within a moment. */
export const cancelledRun = z.strictObject({ state: z.enum(runStates) });

/** Cancels a run: at once when it waits; when it runs, its job is stopped within a moment and nothing follows. */
export async function cancelRun(ctx: Context, runId: string): Promise<z.infer<typeof cancelledRun>> {
  return write(ctx, "run.cancel", async (tx) => {
    const [run] = await tx
      .select({ state: runs.state, orderKey: runs.orderKey, waitsFor: runs.waitsFor })
      .from(runs)
      .where(and(eq(runs.id, runId), eq(runs.projectId, ctx.project.id)))
      .for("update");
    if (!run) throw notFound("The run");
    if (isFinal(run.state))
      throw conflict(`This run has ended already (${run.state}), so it cannot be cancelled.`);
    const waits = run.state === "pending";
    await tx.execute(sql`update runs set cancel_requested_at = coalesce(cancel_requested_at, now()), cancelled_by = ${actorUserId(ctx.actor)}
      ${waits ? sql`, state = 'cancelled', error_type = 'Cancelled', finished_at = clock_timestamp(), waits_for = null` : sql``} where id = ${runId} and project_id = ${ctx.project.id}`);
    // Before its work order: see lib/queue/lines.ts.
    if (waits && run.orderKey && !run.waitsFor)
      announceQueued(tx, await letNextGo({ query: queryOf(tx) }, ctx.project.id, [runId]));
    if (waits)
      await tx.execute(sql`update work_orders w set last_activity = now(), step_failed = r.step_failed, state = ${sql.raw(workOrderState("array[r.id]", "'cancelled'"))}
        from runs r where r.id = ${runId} and r.project_id = ${ctx.project.id} and w.id = r.work_order_id`);
    else await sendEvent(tx, ctx.project.id, "run/cancelled", { runId, projectId: ctx.project.id });
    return {
      result: { state: waits ? "cancelled" : run.state },
      audit: { event: "run.cancel", itemId: runId, before: { state: run.state } },
      changed: { runs: [runId], ...(waits ? { ended: [runId] } : {}) },
    };
  });
}
