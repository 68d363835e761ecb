import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { keyset } from "@/db/keyset";
import { iso, rows } from "@/db/rows";
import { workflows } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment } from "@/lib/domain/fields";
import { requirePermission } from "@/lib/domain/permissions";
import { clientUuid } from "@/lib/domain/workflow/schemas";
import { limits } from "@/lib/limits";
import { notFound } from "@/lib/refusal";

export const replayMessagesInput = z.strictObject({
  workflowId: clientUuid,
  limit: z.coerce.number().int().min(1).max(limits.replayMessages).default(50),
});

export const replayMessages = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.uuid(),
      receivedAt: moment,
      triggerId: z.uuid().nullable().meta({ description: "The trigger that it started." }),
    }),
  ),
});

/** Work orders that are looked through at most for so many messages: one message may have several. */
const ordersPerMessage = 2;

/** The last messages that a workflow took and that say something still, newest first. Throws `not_found`. */
export async function listReplayMessages(
  ctx: Context,
  input: z.input<typeof replayMessagesInput>,
): Promise<z.infer<typeof replayMessages>> {
  requirePermission(ctx, "run.start");
  const { workflowId, limit } = replayMessagesInput.parse(input);
  const [workflow] = await ctx.db
    .select({ id: workflows.id })
    .from(workflows)
    .where(
      and(eq(workflows.id, workflowId), eq(workflows.projectId, ctx.project.id), isNull(workflows.deletedAt)),
    );
  if (!workflow) throw notFound("Workflow");
  const ofWorkflow = keyset([[sql`o.workflow_id`, sql`${workflowId}::uuid`]], sql`o.id`);
  const found = await rows<{ id: string; receivedAt: Date | string; triggerId: string | null }>(
    ctx.db,
    sql`select m.id, m.received_at as "receivedAt", o.trigger_id as "triggerId" from (
          select distinct on (message_id) message_id, trigger_id, id from (
            select o.message_id, o.trigger_id, o.id, o.project_id from work_orders o where ${ofWorkflow.where}
            order by ${ofWorkflow.newestFirst} limit ${limit * ordersPerMessage}
          ) lately where message_id is not null and project_id = ${ctx.project.id}::uuid order by message_id, id desc
        ) o join messages m on m.id = o.message_id and m.project_id = ${ctx.project.id}::uuid and m.wiped_at is null
        order by o.id desc limit ${limit}`,
  );
  return { items: found.map((row) => ({ ...row, receivedAt: iso(row.receivedAt) })) };
}
