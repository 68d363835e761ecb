import type { Sql } from "@/db/client";
import { requestNextOf } from "./events";
import { withPlaces } from "./places";
import type { QueuedRun } from "./queue";

/**
 * What must not start yet. A run that waits for its turn in a line, or for its workflow to go on, is pending, says why
 * (`runs.waits_for`) and is not in the outbox; whoever lets it go does both in one statement.
 *
 * A line is the unfinished runs of one workflow with one key, by their ids. One of them at most is under way
 * (`runs_one_of_line`). Locks: runs that end, then lines in the order of their names, then the next of each, then work
 * orders. Whoever ends several ends either runs that wait or runs that do not, never both in one transaction.
 */

const freed = `
freed as materialized (
  select distinct project_id, workflow_id, order_key from ended where order_key is not null
)`;

const followers = (isTaken = "") => `
followers as materialized (
  select n.* from (select * from freed${isTaken} order by workflow_id, order_key offset 0) f
    cross join lateral next_in_line(f.project_id, f.workflow_id, f.order_key, array(select id from ended)) n
),
follows as (insert into outbox (project_id, event, data) select ${requestNextOf("followers")} from followers)`;

/**
 * `followers` (as `queued`): the next of each line in which a run ended, with their outbox rows. Reads `ended` (id,
 * project_id, workflow_id, order_key), all of whose rows are changed before. It goes before the work orders.
 */
export const followed = `${freed},${followers()}`;

/**
 * The same in a statement that queues runs besides, and `to`: the rows of `from` (workflow_id, order_key, …), once the lines
 * of both are taken, in the order of their names.
 */
export const followedWith = (from: string, to: string): string => `${freed},
taken as materialized (
  select lock_line(workflow_id, order_key) from (
    select workflow_id, order_key from freed union select workflow_id, order_key from ${from} where order_key is not null
    order by 1, 2 offset 0
  ) l
),
${to} as (select * from ${from} where (select count(*) from taken) >= 0),${followers(" where (select count(*) from taken) >= 0")}`;

/** Columns of `followers` as `QueuedRun` has them. */
export const followerJson = `coalesce((select json_agg(json_build_object('id', id, 'projectId', project_id, 'workflowId', workflow_id,
  'workOrderId', work_order_id, 'messageId', message_id)) from followers), '[]')`;

/** Lets the next go behind runs that this transaction has ended. Returns those: announce them. */
export async function letNextGo(
  sql: Pick<Sql, "query">,
  projectId: string,
  endedIds: string[],
): Promise<QueuedRun[]> {
  const [row] = await sql.query<{ runs: QueuedRun[] }>(
    `with ended as materialized (
       select id, project_id, workflow_id, order_key from runs where id = any($2::uuid[]) and project_id = $1
     ), ${followed}
     select ${followerJson} as runs`,
    [projectId, endedIds],
  );
  return row?.runs ?? [];
}

const lockAll = `
with asked as (
  select $1::uuid as project_id, x.* from unnest($2::uuid[], $3::uuid[], $4::uuid[]) x (workflow_id, message_id, dataclip_id)
), ${withPlaces("asked", "placed")},
paused as materialized (
  select stays_paused($1, workflow_id) from (select distinct workflow_id from placed where is_paused order by 1 offset 0) p
)
select lock_line(workflow_id, order_key) from (
  select distinct workflow_id, order_key from placed where order_key is not null and (select count(*) from paused) >= 0
  order by 1, 2 offset 0
) l`;

/** Takes the lines of what a transaction is about to queue one by one, in their order: before the first of it. */
export async function lockLines(
  sql: Pick<Sql, "query">,
  projectId: string,
  starts: { workflowId: string; messageId: string | null; dataclipId: string | null }[],
): Promise<void> {
  await sql.query(lockAll, [
    projectId,
    starts.map(({ workflowId }) => workflowId),
    starts.map(({ messageId }) => messageId),
    starts.map(({ dataclipId }) => dataclipId),
  ]);
}
