import type { Sql } from "@/db/client";
import { requestNextOf } from "./events";
import type { QueuedRun } from "./queue";

/**
 * What must not start yet. A run that waits for its turn in a line, or for its workflow to go on, is pending, says why
 * (`runs.waits_for`) and is not in the outbox; whoever lets it go does both in one statement.
 *
 * A line is the unfinished runs of one workflow with one key, by their ids. One of them at most is under way
 * (`runs_one_of_line`). Locks: runs that end, then lines in the order of their names, then the next of each, then work
 * orders. Whoever ends several ends either runs that wait or runs that do not, never both in one transaction.
 */

/**
 * `followers` (as `queued`): the next of each line in which a run ended, with their outbox rows. Reads `ended` (id,
 * project_id, workflow_id, order_key), all of whose rows are changed before. It goes before the work orders.
 */
export const followed = `
freed as materialized (
  select distinct project_id, workflow_id, order_key from ended where order_key is not null
),
followers as materialized (
  select n.* from (select * from freed order by workflow_id, order_key offset 0) f
    cross join lateral next_in_line(f.project_id, f.workflow_id, f.order_key, array(select id from ended)) n
),
follows as (insert into outbox (project_id, event, data) select ${requestNextOf("followers")} from followers)`;

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
