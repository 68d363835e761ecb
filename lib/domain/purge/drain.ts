import type { Database } from "@/db/client";
import { runsInState } from "@/db/keyset";
import type { Announce } from "@/lib/queue/announce";
import { outboxRow } from "@/lib/queue/events";
import { workOrderState } from "@/lib/workflow/work-order";
import { atMost, type Pace } from "./pace";

/** What a run says that waited when its project was deleted. */
export const drainedMessage =
  "The project was about to be deleted, so this run was cancelled before it started. Once that is undone, it can be run again.";

const maxRows = 800;
const maxAsked = 200;

/**
 * Cancels what waits in a project that is being deleted, in the name of whoever is deleting it; what runs may end. A run
 * whose row somebody else holds is passed over for the moment: this waits for no lock. What stands behind it in a line is
 * cancelled in its turn, or let go when the project is brought back. Returns how many were cancelled.
 */
export async function cancelWaiting(
  database: Database,
  projectId: string,
  { pace, announce }: { pace: Pace; announce: Announce },
): Promise<number> {
  let cancelled = 0;
  while (pace.goesOn()) {
    const most = atMost(maxRows, pace.portion("cancel"));
    const rows = await pace.run("cancel", () =>
      database.query<{ id: string; messageId: string | null }>(cancelSome, [projectId, drainedMessage, most]),
    );
    cancelled += rows.length;
    if (rows.length > 0)
      announce({
        projectId,
        runs: rows.map(({ id }) => id),
        messages: rows.flatMap(({ messageId }) => messageId ?? []),
      });
    if (rows.length < most) break;
  }
  return cancelled;
}

const cancelSome = `
with waiting as (
  select r.id, r.work_order_id, r.project_id, r.message_id, p.deletion_scheduled_by as by
  from runs r
  join projects p on p.id = r.project_id and p.deletion_scheduled_at is not null
  join work_orders w on w.id = r.work_order_id and w.project_id = r.project_id
  where ${runsInState("$1::uuid", "pending")}
  limit $3::int for update of r, w skip locked
),
cancelled as (
  update runs r set state = 'cancelled', error_type = 'Cancelled', error_message = $2, finished_at = clock_timestamp(),
    cancel_requested_at = coalesce(r.cancel_requested_at, clock_timestamp()), cancelled_by = waiting.by, waits_for = null
  from waiting where r.id = waiting.id and r.project_id = waiting.project_id
),
reordered as (
  update work_orders w set last_activity = clock_timestamp(),
    state = ${workOrderState("array(select id from waiting)", "'cancelled'")}
  from (select distinct work_order_id, project_id from waiting) of
  where w.id = of.work_order_id and w.project_id = of.project_id
)
select id, message_id as "messageId" from waiting`;

/**
 * Asks the engine to stop what still runs in a project whose time has come, the way a person's cancelling does. Returns
 * how many runs that were.
 */
export async function cancelRunning(
  database: Database,
  projectId: string,
  { announce }: { announce: Announce },
): Promise<number> {
  const rows = await database.query(
    `with due as (
       select r.id, r.project_id, p.deletion_scheduled_by as by from runs r
       join projects p on p.id = r.project_id and p.deletes_at <= now()
       where ${runsInState("$1::uuid", "running")} and r.cancel_requested_at is null
       limit ${maxAsked} for update of r skip locked
     ),
     asked as (
       update runs r set cancel_requested_at = clock_timestamp(), cancelled_by = due.by
       from due where r.id = due.id and r.project_id = due.project_id
     ),
     sent as (
       insert into outbox (project_id, event, data)
       select ${outboxRow("due.project_id", "run/cancelled", { runId: "due.id", projectId: "due.project_id" })} from due
     )
     select id from due`,
    [projectId],
  );
  if (rows.length > 0) announce({ projectId, wakesEngine: true });
  return rows.length;
}
