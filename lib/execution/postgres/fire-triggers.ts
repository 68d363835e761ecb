import type { Database, Sql } from "@/db/client";
import type { DueTimes, FiredTriggers } from "@/lib/execution/storage";
import { type DueTrigger, isLeading, isStillBusy, queueClockwork } from "@/lib/queue/clock";
import type { TickWord, WhenRunning } from "@/lib/words";
import type { Schedule } from "@/lib/workflow/cron";

type Due = Schedule &
  DueTrigger & {
    dueAt: Date;
    whenRunning: WhenRunning | null;
    leads: boolean;
    isBusy: boolean;
  };

/** How many triggers one transaction fires. */
const batch = 100;

/**
 * One that waits for the run before is not among them: it stays due, and fires once for all that fell due meanwhile, with
 * what that run came to. Rows that are locked are another engine's, or being saved.
 */
const due = `
select /* all tenants: the clock */ t.id as "triggerId", t.project_id as "projectId", t.workflow_id as "workflowId",
  w.snapshot_id as "snapshotId", t.cron_expression as "cronExpression", t.time_zone as "timeZone",
  t.when_running as "whenRunning", t.cron_cursor_job_id as "cursorJobId", t.next_run_at as "dueAt",
  ${isLeading("t")} as leads, ${isStillBusy("t")} as "isBusy"
from triggers t join workflows w on w.id = t.workflow_id and w.project_id = t.project_id
  join projects p on p.id = t.project_id and p.deletion_scheduled_at is null
where t.next_run_at <= $1 and t.enabled and t.type = 'cron' and w.deleted_at is null and w.snapshot_id is not null
  and (t.when_running is not distinct from 'skip' or not ${isStillBusy("t")})
order by t.next_run_at limit ${batch} for update of t skip locked`;

export function fireDueTriggers(
  database: Database,
  now: Date,
  read: (schedule: Schedule, dueAt: Date) => DueTimes,
): Promise<FiredTriggers> {
  return database.transaction(async (sql) => {
    const triggers = await sql.query<Due>(due, [now]);
    // The workflow's page says of the others that nothing follows: `leads` in lib/domain/workflow/list.ts.
    const starting = triggers.filter((one) => one.leads && !isSkipped(one)).map(workOf);
    const queued = await queueClockwork(sql, starting);
    const started = new Set(queued.map(({ workflowId }) => workflowId));
    for (const one of triggers) {
      const outcome = isSkipped(one) ? "skipped" : started.has(one.workflowId) ? "started" : "limited";
      await note(sql, one, { now, times: read(one, one.dueAt), outcome });
    }
    return { queued, hasMore: triggers.length === batch };
  });
}

const isSkipped = ({ isBusy, whenRunning }: Due): boolean => isBusy && whenRunning === "skip";

const workOf = ({ projectId, workflowId, snapshotId, triggerId, cursorJobId }: Due): DueTrigger => ({
  projectId,
  workflowId,
  snapshotId,
  triggerId,
  cursorJobId,
});

type Noted = { now: Date; times: DueTimes; outcome: TickWord };

/** When it fires next, and what came of it now; of a trigger that starts nothing, nothing did. */
async function note(
  sql: Sql,
  { triggerId, projectId, dueAt, leads }: Due,
  { now, times, outcome }: Noted,
): Promise<void> {
  const of = [triggerId, projectId, times.next];
  if (!leads) await sql.query("update triggers set next_run_at = $3 where id = $1 and project_id = $2", of);
  else
    await sql.query(
      `update triggers set next_run_at = $3, last_tick = $4, last_due_at = $5, last_tick_at = $6, last_missed = $7
       where id = $1 and project_id = $2`,
      [...of, outcome, dueAt, now, times.missed],
    );
}
