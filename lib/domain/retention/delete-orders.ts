import type { Sql } from "@/db/client";
import { limits } from "@/lib/limits";
import { isUnfinished } from "@/lib/workflow/states";
import { countGone } from "./gone";

export type Deleting = { projectId: string; at?: Date | undefined };

/**
 * Locks work orders that are over, for deletion: whoever queues a run of one waits, and finds it gone. Returns the ids of
 * those that nobody else holds.
 */
export async function lockOrders(sql: Sql, projectId: string, ids: readonly string[]): Promise<string[]> {
  const found = await sql.query<{ id: string }>(
    `select id from work_orders where project_id = $1 and id = any($2::uuid[]) and not (${isUnfinished("state")})
     order by id for update skip locked`,
    [projectId, ids],
  );
  return found.map(({ id }) => id);
}

/**
 * Deletes work orders that are over, with their runs, steps and logs, and the states without a name that no other work
 * order begins with: at most 200, in a transaction of the caller's. One that somebody holds, or of which a run has not
 * ended, stays. Their messages are for `deleteMessages`. Returns the ids of those that it has deleted.
 */
export async function deleteOrders(
  sql: Sql,
  deleting: Deleting,
  orderIds: readonly string[],
): Promise<string[]> {
  const { projectId } = deleting;
  const locked = await lockOrders(sql, projectId, orderIds);
  if (locked.length === 0) return [];
  const runs = await sql.query<Run>(
    `select id, work_order_id as "orderId", dataclip_id as "dataclipId", not (${isUnfinished("state")}) as "isOver"
     from runs where project_id = $1 and work_order_id = any($2::uuid[]) order by id for update`,
    [projectId, locked],
  );
  const open = new Set(runs.filter(({ isOver }) => !isOver).map(({ orderId }) => orderId));
  const orders = locked.filter((id) => !open.has(id));
  const gone = runs.filter(({ orderId }) => !open.has(orderId));
  const runIds = gone.map(({ id }) => id);
  const bytes = await deleteSteps(sql, projectId, runIds);
  await sql.query("delete from issue_orders where project_id = $1 and work_order_id = any($2::uuid[])", [
    projectId,
    orders,
  ]);
  const begun = await sql.query<{ id: string | null }>(
    `with runs_gone as (delete from runs where project_id = $1 and id = any($3::uuid[]) returning 1)
     delete from work_orders where project_id = $1 and id = any($2::uuid[]) returning dataclip_id as id`,
    [projectId, orders, runIds],
  );
  const inputs = [...gone.map(({ dataclipId }) => dataclipId), ...begun.map(({ id }) => id)];
  const stateBytes = await deleteStates(sql, projectId, {
    outputs: bytes.outputIds,
    inputs: [...new Set(inputs.flatMap((id) => id ?? []))],
  });
  await countGone(sql, deleting, { runs: runIds.length, logBytes: bytes.log, stateBytes });
  return orders;
}

type Run = {
  id: string;
  orderId: string;
  dataclipId: string | null;
  isOver: boolean;
};

type Steps = { outputIds: string[]; log: number };

/** Steps of runs that are deleted, what was logged and tried in them, and whoever counts them as done before it. */
async function deleteSteps(sql: Sql, projectId: string, runIds: string[]): Promise<Steps> {
  if (runIds.length === 0) return { outputIds: [], log: 0 };
  const steps = await sql.query<{ id: string; outputId: string | null }>(
    `select id, output_dataclip_id as "outputId" from steps where project_id = $1 and run_id = any($2::uuid[])`,
    [projectId, runIds],
  );
  const stepIds = steps.map(({ id }) => id);
  const [row] = await sql.query<{ bytes: number }>(
    `/* checked: of steps of the project */ with lines as (
       delete from log_lines where step_id = any($1::uuid[])
       returning case when step_id < (select bytes_to from usage_counted) then octet_length(message) else 0 end as bytes
     ) select coalesce(sum(bytes), 0)::float8 as bytes from lines`,
    [stepIds],
  );
  await sql.query(
    "/* checked: of steps of the project */ delete from step_attempts where step_id = any($1::uuid[])",
    [stepIds],
  );
  await sql.query(
    "/* checked: of steps and runs of the project */ delete from run_steps where step_id = any($1::uuid[]) or run_id = any($2::uuid[])",
    [stepIds, runIds],
  );
  await sql.query("delete from steps where project_id = $1 and id = any($2::uuid[])", [projectId, stepIds]);
  return { outputIds: steps.flatMap(({ outputId }) => outputId ?? []), log: row?.bytes ?? 0 };
}

/**
 * States without a name that nobody else begins with. Of what the deleted ones began with, only what no step returned:
 * that goes with its own step.
 */
async function deleteStates(
  sql: Sql,
  projectId: string,
  { outputs, inputs }: { outputs: string[]; inputs: string[] },
): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>(
    `with found as (
       select d.id from dataclips d where d.project_id = $1 and d.name is null
         and (d.id = any($2::uuid[]) or d.id = any($3::uuid[]) and d.type <> 'step_result')
         and not exists (select 1 from work_orders u where u.dataclip_id = d.id and u.project_id is not distinct from d.project_id)
       order by d.id for update skip locked
     ),
     gone as (
       delete from stored_states d using found where d.id = found.id and d.project_id = $1
       returning case when d.wiped_at is null and d.size <= $4 and d.id < (select bytes_to from usage_counted) then d.size else 0 end as bytes
     ) select coalesce(sum(bytes), 0)::float8 as bytes from gone`,
    [projectId, outputs, inputs, limits.keptStateBytes],
  );
  return row?.bytes ?? 0;
}

/**
 * Deletes messages of which no work order is left and that no other message was sent again from, with their job states,
 * delivery ids and requests accepted by hand: at most 200, in a transaction of the caller's. Returns the ids of those that
 * it has deleted.
 */
export async function deleteMessages(
  sql: Sql,
  deleting: Deleting,
  messageIds: readonly string[],
): Promise<string[]> {
  const { projectId } = deleting;
  const locked = await sql.query<{ id: string }>(
    `select id from messages where project_id = $1 and id = any($2::uuid[]) order by id for update skip locked`,
    [projectId, messageIds],
  );
  const ids = locked.map(({ id }) => id);
  if (ids.length === 0) return [];
  const gone = await sql.query<{ id: string; bytes: number; isWiped: boolean }>(
    `with gone as (
       delete from messages m where m.project_id = $1 and m.id = any($2::uuid[])
         and not exists (select 1 from work_orders o where o.message_id = m.id and o.project_id is not distinct from m.project_id)
         and not exists (select 1 from messages c where c.resent_from = m.id and c.project_id is not distinct from m.project_id)
       returning m.id, m.size, m.wiped_at
     ),
     named as (delete from deliveries d using gone where d.project_id = $1 and d.message_id = gone.id),
     requests as (delete from refused_requests q using gone where q.project_id = $1 and q.id = gone.id)
     select id, case when wiped_at is null and id < (select bytes_to from usage_counted) then size else 0 end as bytes,
       wiped_at is not null as "isWiped" from gone`,
    [projectId, ids],
  );
  await countGone(sql, deleting, {
    messages: gone.filter(({ isWiped }) => !isWiped).length,
    bodyBytes: gone.reduce((total, { bytes }) => total + bytes, 0),
  });
  return gone.map(({ id }) => id);
}
