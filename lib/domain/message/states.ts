import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rowByRow } from "@/db/keyset";
import { isoOrNull, rows } from "@/db/rows";
import type { JobStateWord, RunState } from "@/lib/words";
import { isFailure, resultOf } from "@/lib/workflow/outcome";
import type { JobState, MessageRow } from "./types";

type StateRow = Omit<JobState, "finishedAt" | "running" | "result" | "lastResult"> & {
  messageId: string;
  word: JobStateWord;
  finishedAt: Date | string | null;
  runningSteps: number;
};

/** Job states per message id, in the order in which they first started. */
export async function jobStatesOf(
  db: Db,
  projectId: string,
  messageIds: string[],
): Promise<Map<string, JobState[]>> {
  const found = await rows<StateRow>(
    db,
    sql`select j.message_id as "messageId", j.job_id as "jobId", j.job_name as "jobName", j.workflow_id as "workflowId",
          coalesce(w.name, '') as "workflowName", j.result as word, j.handled, j.exit_reason as "exitReason", j.error_type as "errorType",
          j.step_id as "stepId", s.run_id as "runId", j.finished_at as "finishedAt", j.running_steps as "runningSteps"
        from job_states j
        left join workflows w on w.id = j.workflow_id
        left join steps s on s.id = j.step_id
        where j.project_id = ${projectId} and j.message_id = any(${sql.param(messageIds)}::uuid[])
        order by j.message_id, j.created_at, j.job_id`,
  );
  return groupBy(
    found,
    (row) => row.messageId,
    ({ messageId: _, word, runningSteps, finishedAt, ...state }) => ({
      ...state,
      result: resultOf(word),
      lastResult: state.exitReason && (isFailure(state.exitReason) ? "failure" : "success"),
      finishedAt: isoOrNull(finishedAt),
      running: runningSteps > 0,
    }),
  );
}

/** Per message with any work order: those of which a run waits, or no job has started. No entry: nothing matched it. */
export async function waitingOf(
  db: Db,
  projectId: string,
  messageIds: string[],
): Promise<Map<string, Pick<MessageRow, "waiting">>> {
  const found = await rows<{
    messageId: string;
    workflowId: string;
    workflowName: string;
    state: RunState;
    isWaiting: boolean;
  }>(
    db,
    sql`select o.message_id as "messageId", o.workflow_id as "workflowId", w.name as "workflowName",
          case when q.waits then 'pending' else o.state end as state,
          q.waits or not exists (select 1 from job_states j where j.message_id = o.message_id and j.workflow_id = o.workflow_id) as "isWaiting"
        from work_orders o join workflows w on w.id = o.workflow_id
        cross join lateral (
          select case o.state when 'pending' then true when 'running' then exists (
            -- each order's own few runs, never all that wait
            select 1 from runs r where r.work_order_id = o.id and r.project_id is not distinct from o.project_id
              and ${rowByRow(sql`r.state = 'pending'`)} offset 0
          ) else false end as waits
        ) q
        where o.project_id = ${projectId} and o.message_id = any(${sql.param(messageIds)}::uuid[]) order by o.id`,
  );
  const grouped = groupBy(
    found,
    (row) => row.messageId,
    (row) => row,
  );
  return new Map(
    [...grouped].map(([id, orders]) => [
      id,
      {
        waiting: orders
          .filter((order) => order.isWaiting)
          .map(({ workflowId, workflowName, state }) => ({ workflowId, workflowName, state })),
      },
    ]),
  );
}

function groupBy<T, V>(items: T[], key: (item: T) => string, value: (item: T) => V): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), value(item)]);
  return groups;
}
