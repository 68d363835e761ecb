import { sql } from "drizzle-orm";
import { rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { minSecondsBetweenStarts, startJobs } from "@/lib/domain/run/create";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { sqlJson } from "@/lib/sql-json";
import { completeGraph } from "@/lib/workflow/complete";
import { downstreamJobs } from "@/lib/workflow/graph";
import type { WorkflowGraph } from "@/lib/workflow/types";
import type { Candidate, Refused } from "./candidates";

/** A candidate on the version that it will run on. */
export type Planned = Omit<Candidate, "triggerId"> & {
  triggerId: string | null;
  snapshotId: string;
  graph: WorkflowGraph;
  linkedStepIds: string[];
};

export type Plan = { planned: Planned[]; refused: Refused[] };

/** On which version each candidate would run, and which of them cannot be run at all. */
export async function planCandidates(
  ctx: Context,
  candidates: Candidate[],
  onOriginal: boolean,
): Promise<Plan> {
  const refused: Refused[] = [];
  const latest = await latestOf(ctx, candidates);
  const busy = await busyOnes(ctx, candidates);
  const wiped = await wipedOnes(ctx, candidates);
  const versionOf = ({ originalId, workflowId }: Candidate) =>
    latest.has(workflowId) ? ((onOriginal ? originalId : null) ?? latest.get(workflowId)) : undefined;
  const graphs = await graphsOf(
    ctx,
    candidates.flatMap((one) => versionOf(one) ?? []),
  );
  const planned: Planned[] = [];
  for (const [place, candidate] of candidates.entries()) {
    const snapshotId = versionOf(candidate);
    const graph = snapshotId ? graphs.get(snapshotId) : undefined;
    const refuse = (reason: Refused["reason"]) => refused.push({ itemId: candidate.itemId, reason });
    const trigger = graph?.triggers.find(({ id }) => id === candidate.triggerId) ?? graph?.triggers[0];
    if (!snapshotId || !graph) refuse("deleted_workflow");
    else if (busy.has(place)) refuse("unfinished");
    else if (wiped.has(candidate.dataclipId ?? candidate.messageId ?? "")) refuse("wiped");
    else if (candidate.jobId && !graph.jobs.some(({ id }) => id === candidate.jobId)) refuse("no_job");
    else if (!candidate.jobId && !trigger) refuse("no_trigger");
    else
      planned.push({
        ...candidate,
        triggerId: candidate.jobId ? null : (trigger?.id ?? null),
        snapshotId,
        graph,
        linkedStepIds: [],
      });
  }
  return { planned: await linked(ctx, planned), refused };
}

/** The newest version of each workflow that is there. */
async function latestOf(ctx: Context, candidates: Candidate[]): Promise<Map<string, string>> {
  const ids = [...new Set(candidates.map(({ workflowId }) => workflowId))];
  const found = await rows<{ id: string; snapshotId: string }>(
    ctx.db,
    sql`select id, snapshot_id as "snapshotId" from workflows
        where id = any(${sql.param(ids)}::uuid[]) and project_id = ${ctx.project.id} and deleted_at is null and snapshot_id is not null`,
  );
  return new Map(found.map(({ id, snapshotId }) => [id, snapshotId]));
}

async function graphsOf(ctx: Context, snapshotIds: string[]): Promise<Map<string, WorkflowGraph>> {
  const ids = [...new Set(snapshotIds)];
  const found = await rows<{ id: string; graph: WorkflowGraph }>(
    ctx.db,
    sql`select id, graph from snapshots where id = any(${sql.param(ids)}::uuid[]) and project_id = ${ctx.project.id}`,
  );
  return new Map(found.map(({ id, graph }) => [id, completeGraph(graph)]));
}

/** Places of the candidates of whose work order, or message and workflow, a run waits or runs already. */
async function busyOnes(ctx: Context, candidates: Candidate[]): Promise<Set<number>> {
  const asked = candidates.map(({ workOrderId, messageId, workflowId }, place) => ({
    place,
    workOrderId,
    messageId,
    workflowId,
  }));
  const goesOn = rowByRow(sql`r.state in ('pending', 'running')`);
  const found = await rows<{ place: number }>(
    ctx.db,
    sql`select a.place from jsonb_to_recordset(${sqlJson(asked)}::jsonb)
          as a (place int, "workOrderId" uuid, "messageId" uuid, "workflowId" uuid)
        where case when a."workOrderId" is null
          then exists (select 1 from runs r where ${isOfMessage("r", ctx.project.id, sql`o.message_id = a."messageId"`)}
            and ${rowByRow(sql`r.workflow_id = a."workflowId"`)} and ${goesOn} offset 0)
          else exists (select 1 from runs r where r.work_order_id = a."workOrderId" and r.project_id = ${ctx.project.id}
            and ${goesOn} offset 0) end`,
  );
  return new Set(found.map(({ place }) => place));
}

/**
 * Inputs that are not kept any more: of a state, or of the message itself where it is the input. Those that are stay until
 * the transaction ends, if there is one.
 */
async function wipedOnes(ctx: Context, candidates: Candidate[]): Promise<Set<string>> {
  const states = [...new Set(candidates.flatMap(({ dataclipId }) => dataclipId ?? []))];
  if (candidates.length === 0) return new Set();
  const said = [
    ...new Set(candidates.flatMap(({ dataclipId, messageId }) => (dataclipId ? [] : (messageId ?? [])))),
  ];
  const kept = new Set(
    (
      await rows<{ id: string }>(
        ctx.db,
        sql`with states as (
              select id from dataclips where id = any(${sql.param(states)}::uuid[]) and project_id = ${ctx.project.id} and body is not null
              order by id for share
            ),
            said as (
              select id from messages where id = any(${sql.param(said)}::uuid[]) and project_id = ${ctx.project.id} and wiped_at is null
              order by id for share
            )
            select id from states union all select id from said`,
      )
    ).map(({ id }) => id),
  );
  return new Set([...states, ...said].filter((id) => !kept.has(id)));
}

/** With the steps of the earlier run that do not come after the start: they count as done. */
async function linked(ctx: Context, planned: Planned[]): Promise<Planned[]> {
  const runIds = [
    ...new Set(planned.flatMap(({ jobId, lastRunId }) => (jobId && lastRunId ? [lastRunId] : []))),
  ];
  if (runIds.length === 0) return planned;
  const ids = sql`${sql.param(runIds)}::uuid[]`;
  const found = await rows<{ runId: string; id: string; jobId: string }>(
    ctx.db,
    sql`select run_id as "runId", id, job_id as "jobId" from steps where project_id = ${ctx.project.id} and run_id = any(${ids})
        union select l.run_id, s.id, s.job_id from run_steps l join steps s on s.id = l.step_id and s.project_id = ${ctx.project.id}
        where l.run_id = any(${ids})`,
  );
  const stepsOf = new Map<string, typeof found>();
  for (const step of found) stepsOf.set(step.runId, [...(stepsOf.get(step.runId) ?? []), step]);
  return planned.map((one) => {
    const { jobId, lastRunId, graph } = one;
    if (!jobId || !lastRunId) return one;
    const again = new Set([jobId, ...downstreamJobs(graph, { jobId })]);
    const before = (stepsOf.get(lastRunId) ?? []).filter((step) => !again.has(step.jobId));
    return { ...one, linkedStepIds: before.map(({ id }) => id) };
  });
}

/** What can be queued now, and after how many seconds the next may be; null when nothing has to wait. */
export type Ready = { planned: Planned[]; waitSeconds: number | null };

/**
 * The planned ones up to the first whose job was started for its message less than ten seconds ago (seed 1), or is being
 * started by somebody just now: a bulk act waits for it. An item goes as a whole. Inside the transaction that queues them.
 */
export async function readyOnes(ctx: Context, planned: Planned[]): Promise<Ready> {
  const pairs = planned.flatMap((one, place) =>
    one.messageId
      ? jobsOf(one).map((jobId) => ({
          place,
          key: `${one.messageId}/${jobId}`,
          messageId: one.messageId,
          jobId,
        }))
      : [],
  );
  const asked = sqlJson(pairs);
  const held = await rows<{ place: number; isHeld: boolean }>(
    ctx.db,
    sql`select place, not pg_try_advisory_xact_lock(hashtextextended(key, 0)) as "isHeld"
        from jsonb_to_recordset(${asked}::jsonb) as a (place int, key text)`,
  );
  // Whoever queues a run says so at its work order, so that most have no run to look at.
  const ofLate = sql`o.message_id = a."messageId" and o.last_activity > clock_timestamp() - make_interval(secs => ${minSecondsBetweenStarts})`;
  const soon = await rows<{ place: number; seconds: number }>(
    ctx.db,
    sql`select a.place, ceil(${minSecondsBetweenStarts} - extract(epoch from clock_timestamp() - last.at))::int as seconds
        from jsonb_to_recordset(${asked}::jsonb) as a (place int, "messageId" uuid, "jobId" uuid)
        cross join lateral (
          select max(at) as at from (
            select s.started_at as at from steps s where s.message_id = a."messageId" and s.project_id = ${ctx.project.id} and s.job_id = a."jobId"
            union all
            select r.created_at from runs r where ${isOfMessage("r", ctx.project.id, ofLate)} and ${rowByRow(sql`r.starting_job_id = a."jobId"`)}
          ) starts
        ) last
        where last.at > clock_timestamp() - make_interval(secs => ${minSecondsBetweenStarts})`,
  );
  const waits = new Map<number, number>();
  const wait = (place: number, seconds: number) =>
    waits.set(place, Math.max(waits.get(place) ?? 0, seconds, 1));
  for (const { place, isHeld } of held) if (isHeld) wait(place, 1);
  for (const { place, seconds } of soon) wait(place, seconds);
  const started = new Set<string>();
  const keys = [
    ...pairs,
    ...planned.flatMap(({ workOrderId }, place) => (workOrderId ? [{ place, key: workOrderId }] : [])),
  ];
  for (const { place, key } of keys) {
    if (started.has(key)) wait(place, minSecondsBetweenStarts);
    started.add(key);
  }
  return beforeFirst(planned, waits);
}

/** What the project's plan lets start now: this many; `isOver` for the month, else for `waitSeconds`. Null: any number. */
export type Room = { runs: number; isOver: boolean; waitSeconds: number };

/** Asks for it inside the transaction that queues: who asks at the same time waits (`plan_room` of the database). */
export async function roomOfPlan(ctx: Context): Promise<Room | null> {
  const [plan] = await rows<{ room: number; minute: number | null }>(
    ctx.db,
    sql`select plan_room(p.id, p.runs_per_month, p.runs_per_minute) as room,
          case when p.runs_per_minute is not null then plan_left_of_minute(p.id, p.runs_per_minute) end as minute
        from projects p where p.id = ${ctx.project.id} and (p.runs_per_month is not null or p.runs_per_minute is not null)`,
  );
  if (!plan) return null;
  const { room, minute } = plan;
  if (room === 0) return { runs: 0, isOver: true, waitSeconds: 0 };
  if (room < 0) return { runs: 0, isOver: false, waitSeconds: -room };
  const isMinute = minute !== null && minute < room;
  return { runs: isMinute ? Math.max(1, minute) : room, isOver: !isMinute, waitSeconds: isMinute ? 1 : 0 };
}

const jobsOf = ({ graph, jobId, triggerId }: Planned): string[] =>
  startJobs({ graph, start: jobId ? { jobId } : { triggerId: triggerId ?? "" } });

/** The items before the first that has to wait. */
function beforeFirst(planned: Planned[], waits: ReadonlyMap<number, number>): Ready {
  const first = planned.findIndex((_, place) => waits.has(place));
  if (first < 0) return { planned, waitSeconds: null };
  const itemId = planned[first]?.itemId;
  const itemsOwn = planned.flatMap((one, place) => (one.itemId === itemId ? (waits.get(place) ?? 0) : []));
  return {
    planned: planned.slice(
      0,
      planned.findIndex((one) => one.itemId === itemId),
    ),
    waitSeconds: Math.max(...itemsOwn),
  };
}
