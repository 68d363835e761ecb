import type { Sql } from "@/db/client";
import { type DueWork, type QueuedRun, queueWork } from "./queue";
import { type Clockwork, startState } from "./start-state";

/** A cron trigger that starts its workflow now. */
export type DueTrigger = Clockwork & { snapshotId: string };

/** Makes a work order of each and queues its run, in the caller's transaction; announce them after its commit. */
export async function queueClockwork(sql: Sql, triggers: DueTrigger[]): Promise<QueuedRun[]> {
  const work: DueWork[] = [];
  for (const { cursorJobId, ...of } of triggers)
    work.push({ ...of, dataclipId: await startState(sql, { ...of, cursorJobId }) });
  return queueWork(sql, work);
}

/** SQL for whether what a cron trigger started is still under way, or waits; `t` is the alias of its row. */
export const isStillBusy = (t: string): string => `exists (
  select 1 from work_orders o
  where o.trigger_id = ${t}.id and o.project_id is not distinct from ${t}.project_id
    and o.listed_state in ('pending', 'running'))`;

/** SQL for whether an enabled edge leaves a trigger: otherwise it starts nothing. */
export const isLeading = (t: string): string => `exists (
  select 1 from edges e where e.workflow_id = ${t}.workflow_id and e.project_id = ${t}.project_id
    and e.source_trigger_id = ${t}.id and e.enabled)`;
