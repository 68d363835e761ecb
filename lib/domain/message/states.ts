import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rowByRow } from "@/db/keyset";
import { isoOrNull, rows } from "@/db/rows";
import { type JobStateWord, jobStateWords, type RunState } from "@/lib/words";
import { isFailure, resultOf } from "@/lib/workflow/outcome";
import type { JobState, JobTotals, MessageRow } from "./types";

export type StateRow = Omit<JobState, "finishedAt" | "running" | "result" | "lastResult"> & {
  word: JobStateWord;
  finishedAt: Date | string | null;
  runningSteps: number;
};

/** Columns of a job's state, of `j` and what it is joined with. */
export const stateColumns = sql`j.job_id as "jobId", j.job_name as "jobName", j.workflow_id as "workflowId",
  coalesce(w.name, '') as "workflowName", j.result as word, j.handled, j.exit_reason as "exitReason", j.error_type as "errorType",
  j.step_id as "stepId", s.run_id as "runId", j.finished_at as "finishedAt", j.running_steps as "runningSteps"`;

export const besideStates = sql`left join workflows w on w.id = j.workflow_id and w.project_id = j.project_id
  left join steps s on s.id = j.step_id and s.project_id = j.project_id`;

export const stateOf = ({ word, runningSteps, finishedAt, ...state }: StateRow): JobState => ({
  ...state,
  result: resultOf(word),
  lastResult: state.exitReason && (isFailure(state.exitReason) ? "failure" : "success"),
  finishedAt: isoOrNull(finishedAt),
  running: runningSteps > 0,
});

type States = Pick<MessageRow, "jobStates" | "jobTotals">;

/** What needs attention first: failures, then what is under way, then the newest. */
const rank = sql`case j.result when 'failure' then 0 when 'in_progress' then 1 when 'handled' then 2 else 3 end`;

const totals = sql.join(
  jobStateWords.map(
    (word) => sql`${word}::text, count(*) filter (where j.result = ${word}) over (partition by j.message_id)`,
  ),
  sql`, `,
);

/**
 * Of each message at most `most` job states, those that need attention first, in the order in which they first started, and
 * how many of all stand how. No entry: no job has started for it.
 */
export async function jobStatesOf(
  db: Db,
  projectId: string,
  messageIds: string[],
  most: number,
): Promise<Map<string, States>> {
  const found = await rows<StateRow & { messageId: string; totals: JobTotals }>(
    db,
    sql`select j.message_id as "messageId", ${stateColumns}, j.totals from (
          select j.*, row_number() over (partition by j.message_id order by ${rank}, j.created_at desc, j.job_id) as place, json_build_object(${totals}) as totals
          from job_states j where j.project_id = ${projectId} and j.message_id = any(${sql.param(messageIds)}::uuid[])
        ) j ${besideStates}
        where j.place <= ${most} order by j.message_id, j.created_at, j.job_id`,
  );
  const states = new Map<string, States>();
  for (const { messageId, totals, ...state } of found) {
    const one = states.get(messageId) ?? { jobStates: [], jobTotals: totals };
    one.jobStates.push(stateOf(state));
    states.set(messageId, one);
  }
  return states;
}

/** Those of which a run waits, or no job has started: at most `most`, and how many they are. */
type Waiting = Pick<MessageRow, "waiting" | "waitingTotal">;

/** Per message with any work order. No entry: nothing matched it. */
export async function waitingOf(
  db: Db,
  projectId: string,
  messageIds: string[],
  most: number,
): Promise<Map<string, Waiting>> {
  const found = await rows<{
    messageId: string;
    workflowId: string;
    workflowName: string;
    state: RunState;
    isWaiting: boolean;
    waitingTotal: number;
  }>(
    db,
    sql`select "messageId", "workflowId", "workflowName", state, "isWaiting", "waitingTotal" from (
          select *, row_number() over (partition by "messageId" order by "isWaiting" desc, id) as place,
            (count(*) filter (where "isWaiting") over (partition by "messageId"))::int as "waitingTotal"
          from (
            select o.id, o.message_id as "messageId", o.workflow_id as "workflowId", w.name as "workflowName",
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
            where o.project_id = ${projectId} and o.message_id = any(${sql.param(messageIds)}::uuid[])
          ) orders
        ) placed where place <= ${most} order by "messageId", id`,
  );
  const waiting = new Map<string, Waiting>();
  for (const { messageId, isWaiting, waitingTotal, ...order } of found) {
    const one = waiting.get(messageId) ?? { waiting: [], waitingTotal };
    if (isWaiting) one.waiting.push(order);
    waiting.set(messageId, one);
  }
  return waiting;
}
