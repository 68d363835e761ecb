import { sql } from "drizzle-orm";
import { z } from "zod";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requirePermission } from "@/lib/domain/permissions";

/** More are not counted: who pauses something wants to know whether much waits. */
const most = 1_000;

const count = z.int().min(0).max(most);

export const waitingInput = z.strictObject({
  workflowId: z.uuid().optional().meta({ description: "Of this workflow alone." }),
});

export const waitingCounts = z
  .strictObject({
    running: count,
    queued: count.meta({ description: "Nothing is in their way: they start as soon as there is room." }),
    turn: count.meta({ description: "An earlier run with their key is unfinished." }),
    resume: count.meta({ description: "Kept until their workflow or project goes on." }),
    counted: z.literal(most).meta({ description: "Of each, no more than so many are counted." }),
  })
  .meta({ id: "WaitingCounts" });
export type WaitingCounts = z.infer<typeof waitingCounts>;

/** How many runs of the project, or of one of its workflows, have not ended, by what they wait for; a thousand of each at most. */
export async function countWaiting(
  ctx: Context,
  input: z.input<typeof waitingInput>,
): Promise<WaitingCounts> {
  requirePermission(ctx, "run.read");
  const { workflowId } = waitingInput.parse(input);
  const of = (where: string, order: string) => sql`(
    select count(*)::int from (
      select 1 from runs where project_id = ${ctx.project.id} ${workflowId ? sql`and workflow_id = ${workflowId}::uuid` : sql``}
        and ${sql.raw(where)} order by ${sql.raw(order)} limit ${most}
    ) few
  )`;
  const [row] = await rows<Omit<WaitingCounts, "counted">>(
    ctx.db,
    sql`select ${of("state = 'running'", "project_id, state, id")} as running,
      ${of("state = 'pending' and waits_for is null", "project_id, id")} as queued,
      ${of("state in ('pending', 'running') and order_key is not null and waits_for = 'turn'", "project_id, workflow_id, order_key, id")} as turn,
      ${of("state = 'pending' and waits_for = 'resume' and order_key is null", "project_id, workflow_id, id")}
        + ${of("state in ('pending', 'running') and order_key is not null and waits_for = 'resume'", "project_id, workflow_id, order_key, id")} as resume`,
  );
  const { running = 0, queued = 0, turn = 0, resume = 0 } = row ?? {};
  return { running, queued, turn, resume: Math.min(resume, most), counted: most };
}
