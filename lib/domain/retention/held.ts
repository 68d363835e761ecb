import type { Sql } from "@/db/client";
import { isOfMessageSql } from "@/lib/domain/run/of-message";
import { nextStates } from "@/lib/queue/start-state";

/** How long a bulk act that is paused keeps what it has still to do. */
export const heldDays = 7;

/** Whether any bulk act of the project has runs still to queue. */
export async function hasBulkActs(sql: Sql, projectId: string): Promise<boolean> {
  const [row] = await sql.query(
    `select 1 from bulk_acts b where b.project_id = $1 and ${isUnderWay} limit 1`,
    [projectId],
  );
  return row !== undefined;
}

const isUnderWay = `b.kind <> 'cancel' and (b.state = 'running' or b.state = 'paused' and b.beat_at > now() - interval '${heldDays} days')`;

/** What an act has still to come by: not more than what it is for. */
const isAhead = (id: string): string =>
  `${id} < b.until and (b.ids is null or ${id} = any(b.ids)) and (b.cursor is null or b.max_rounds > b.round or ${id} > b.cursor)`;

/**
 * SQL for "a bulk act has it still to do", over `$1` (the project) and SQL for the ids of a message and a work order, of
 * which either may be null. What a filter of the act would leave out counts as well.
 */
export const isHeldByBulk = (messageId: string, orderId: string): string => `exists (
  select 1 from bulk_acts b where b.project_id = $1::uuid and ${isUnderWay} and case b.target
    when 'messages' then ${isAhead(messageId)}
    when 'runs' then exists (select 1 from runs h where ${isOfMessageSql("h", "$1::uuid", messageId)} and ${isAhead("h.id")})
      or exists (select 1 from runs h where h.work_order_id = ${orderId} and h.project_id is not distinct from $1::uuid and ${isAhead("h.id")})
    else exists (select 1 from work_orders h where h.message_id = ${messageId} and h.project_id is not distinct from $1::uuid and ${isAhead("h.id")})
      or ${isAhead(orderId)} end)`;

/** The stored states that runs of the clock would begin with now, of some workflows of the project. */
export async function clockStates(
  sql: Sql,
  projectId: string,
  workflowIds: readonly string[],
): Promise<string[]> {
  const triggers = await sql.query<{ triggerId: string; workflowId: string; cursorJobId: string | null }>(
    `select t.id as "triggerId", t.workflow_id as "workflowId", t.cron_cursor_job_id as "cursorJobId" from triggers t
     join workflows w on w.id = t.workflow_id and w.project_id = t.project_id and w.deleted_at is null
     where t.project_id = $1 and t.type = 'cron' and t.workflow_id = any($2::uuid[])`,
    [projectId, workflowIds],
  );
  const states: string[] = [];
  for (const trigger of triggers) states.push(...(await nextStates(sql, { projectId, ...trigger })));
  return states;
}
