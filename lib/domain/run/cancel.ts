import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { outbox } from "@/db/schema";
import { audit } from "@/lib/domain/audit";
import { actorUserId, type Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";
import { workOrderState } from "@/lib/execution/complete-step";
import { conflict, notFound } from "@/lib/refusal";
import type { RunState } from "@/lib/words";
import { isFinal } from "@/lib/workflow/status";

/** Cancels a run: at once when it waits; when it runs, its job is stopped within a moment and nothing follows. */
export async function cancelRun(ctx: Context, runId: string): Promise<{ state: RunState }> {
  requirePermission(ctx, "run.cancel");
  return ctx.db.transaction(async (tx) => {
    const [run] = await rows<{ state: RunState }>(
      tx,
      sql`select state from runs where id = ${runId}::uuid and project_id = ${ctx.project.id} for update`,
    );
    if (!run) throw notFound("The run");
    if (isFinal(run.state))
      throw conflict(`This run has ended already (${run.state}), so it cannot be cancelled.`);
    const waits = run.state === "pending";
    await tx.execute(sql`update runs set cancel_requested_at = coalesce(cancel_requested_at, now()), cancelled_by = ${actorUserId(ctx.actor)}
      ${waits ? sql`, state = 'cancelled', error_type = 'Cancelled', finished_at = now()` : sql``} where id = ${runId}`);
    if (waits)
      await tx.execute(sql`update work_orders w set last_activity = now(), state = ${sql.raw(workOrderState("r.id", "'cancelled'"))}
        from runs r where r.id = ${runId} and w.id = r.work_order_id`);
    else
      await tx.insert(outbox).values({ event: "run/cancelled", data: { runId, projectId: ctx.project.id } });
    await audit(tx, ctx, { event: "run.cancel", itemId: runId, before: { state: run.state } });
    return { state: waits ? "cancelled" : run.state };
  });
}
