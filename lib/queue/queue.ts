import { sql } from "drizzle-orm";
import type { Db, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";
import { workOrders } from "@/db/schema";
import { statement } from "@/db/statement";
import { sqlJson } from "@/lib/sql-json";
import type { OutboxEventName } from "@/lib/words";
import { isUnfinished } from "@/lib/workflow/states";
import { type Announce, type Announcement, announceIn } from "./announce";
import { type EventData, requestAgainOf } from "./events";
import { ordered, queued, roomOf } from "./fragments";
import { withPlaces } from "./places";
import { refuseWithoutRoom } from "./room";

/** A run that was queued, and what it is of. */
export type QueuedRun = {
  id: string;
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
};

/** The columns of a queued run. */
export const columns = `id, project_id as "projectId", workflow_id as "workflowId", work_order_id as "workOrderId", message_id as "messageId"`;

/** What to announce of queued runs once they are committed: one of each project. */
export function announcementsOf(runs: Pick<QueuedRun, "id" | "projectId" | "messageId">[]): Announcement[] {
  const byProject = new Map<string, typeof runs>();
  for (const run of runs) byProject.set(run.projectId, [...(byProject.get(run.projectId) ?? []), run]);
  return [...byProject].map(([projectId, ofProject]) => ({
    projectId,
    runs: ofProject.map((run) => run.id),
    messages: [...new Set(ofProject.flatMap((run) => run.messageId ?? []))],
    wakesEngine: "runs",
  }));
}

/** Announces queued runs whose commit is done. */
export function announceRuns(
  announce: Announce,
  runs: Pick<QueuedRun, "id" | "projectId" | "messageId">[],
): void {
  for (const announcement of announcementsOf(runs)) announce(announcement);
}

/** Notes the queued runs in the caller's `write`, which announces them after its commit. */
export const announceQueued = (tx: Db, runs: Pick<QueuedRun, "id" | "projectId" | "messageId">[]): void =>
  announceRuns((announcement) => announceIn(tx, announcement), runs);

/** A workflow that is to process something that is no message: the clock's turn. */
export type DueWork = {
  projectId: string;
  workflowId: string;
  snapshotId: string;
  triggerId: string;
  dataclipId: string;
};

const queueDue = statement<{ due: string }>(
  (p) => `with asked as (
    select x."projectId" as project_id, x."workflowId" as workflow_id, x."snapshotId" as snapshot_id,
      x."triggerId" as trigger_id, null::uuid as message_id, x."dataclipId" as dataclip_id
    from jsonb_to_recordset(${p.due}::jsonb)
      as x("projectId" uuid, "workflowId" uuid, "snapshotId" uuid, "triggerId" uuid, "dataclipId" uuid)
  ), ${withPlaces("asked", "due")}, ${ordered({ over: "passed" })}, ${queued()}
  select ${columns} from queued`,
);

/**
 * Makes a work order of each and queues its run, in the caller's transaction; announce them after its commit. The turns for
 * which a project's plan has no run left pass, and are counted (reference: platform §3.8).
 */
export const queueWork = (sql: Sql, due: DueWork[]): Promise<QueuedRun[]> =>
  due.length === 0
    ? Promise.resolve([])
    : sql.query<QueuedRun>(queueDue.text, queueDue.values({ due: sqlJson(due) }), "queue-work");

/** Makes a work order for an input, a message as a rule, that a person chose the workflow for. Its attempts are queued apart. Returns its id. */
export async function openWorkOrder(
  tx: Db,
  of: {
    projectId: string;
    workflowId: string;
    snapshotId: string;
    messageId: string | null;
    triggerId?: string;
    /** The input where it is no message. */
    dataclipId?: string | null;
  },
): Promise<string> {
  const { messageId, projectId } = of;
  const affects = sql`exists (select 1 from issue_orders io where io.message_id = ${messageId} and io.project_id = ${projectId} and io.healed_at is null)`;
  const values = { ...of, hasIssue: messageId === null ? false : affects };
  const [order] = await tx.insert(workOrders).values(values).returning({ id: workOrders.id });
  if (!order) throw new Error("The work order was not made.");
  return order.id;
}

/** One more attempt at a work order. */
export type Attempt = {
  projectId: string;
  workflowId: string;
  workOrderId: string;
  messageId: string | null;
  snapshotId: string;
  /** Where it starts: one of the two. */
  triggerId: string | null;
  jobId: string | null;
  /** Input of the start; null = the message. */
  dataclipId: string | null;
  createdBy: string | null;
  /** Steps of earlier runs that it continues from. */
  linkedStepIds: string[];
};

/** SQL: an issue affects the message still, so that what comes of another work order for it concerns the issue (lib/domain/issue/heal.ts). */
const isAffected = (messageId: string, projectId: string) =>
  `exists (select 1 from issue_orders io where io.message_id = ${messageId} and io.project_id = ${projectId} and io.healed_at is null)`;

/** SQL: one affects the work order `w`, or its message. It is looked at when the work order has succeeded. */
const hasIssue = (w: string) =>
  `${w}.has_issue or ${isAffected(`${w}.message_id`, `${w}.project_id`)}
    or exists (select 1 from issue_orders io where io.work_order_id = ${w}.id and io.project_id = ${w}.project_id and io.healed_at is null)`;

const queueAgain = statement<Attempt>(
  (p) => `with ${roomOf(`(select ${p.projectId}::uuid as project_id)`)},
  asked as (
    select ${p.projectId}::uuid as project_id, ${p.workflowId}::uuid as workflow_id, ${p.workOrderId}::uuid as work_order_id,
      ${p.messageId}::uuid as message_id, ${p.snapshotId}::uuid as snapshot_id, ${p.triggerId}::uuid as trigger_id,
      ${p.jobId}::uuid as job_id, ${p.dataclipId}::uuid as dataclip_id
    where not exists (select 1 from room where room <= 0)
  ), ${withPlaces("asked", "starts")}, ${queued({ priority: "immediate", createdBy: p.createdBy })},
  linked as (
    insert into run_steps (run_id, step_id) select queued.id, unnest(${p.linkedStepIds}::uuid[]) from queued
  ),
  reopened as (
    update work_orders w set state = case when w.state = 'running' then w.state else 'pending' end, last_activity = now(),
      has_issue = ${hasIssue("w")}
    where w.id = ${p.workOrderId} and w.project_id = ${p.projectId} and exists (select 1 from queued)
  )
  select ${columns}, room from (select max(room) as room from room) plan left join queued on true`,
);

/**
 * Queues one more run of a work order, ahead of what arrives by itself. Its `write` announces it. Throws `limit` when the
 * project's plan has no run left.
 */
export async function queueAttempt(tx: Db, attempt: Attempt): Promise<QueuedRun> {
  const [row] = await queryOf(tx)<QueuedRun & { room: number | null }>(
    queueAgain.text,
    queueAgain.values(attempt),
  );
  if (!row) throw new Error("The run was not queued.");
  const { room, ...run } = row;
  refuseWithoutRoom(room);
  announceQueued(tx, [run]);
  return run;
}

/** What a bulk act queues of one item: as an attempt, or as the first one of a work order of its own. */
export type BulkStart = Omit<Attempt, "projectId" | "workOrderId" | "createdBy"> & {
  workOrderId: string | null;
};

const queueBulk = statement<{
  starts: string;
  projectId: string;
  bulkActId: string;
  createdBy: string | null;
}>(
  (p) => `with asked as materialized (
    select x.*, coalesce(x."workOrderId", uuid_v7()) as order_id
    from jsonb_to_recordset(${p.starts}::jsonb) as x(n int, "workOrderId" uuid, "workflowId" uuid, "messageId" uuid,
      "snapshotId" uuid, "triggerId" uuid, "jobId" uuid, "dataclipId" uuid, "linkedStepIds" uuid[])
  ),
  ids as materialized (
    select id, row_number() over (order by id) as n from (select uuid_v7() as id from asked) made
  ),
  made as (
    insert into work_orders (id, project_id, workflow_id, snapshot_id, trigger_id, message_id, has_issue)
    select order_id, ${p.projectId}::uuid, "workflowId", "snapshotId", "triggerId", "messageId", ${isAffected(`"messageId"`, `${p.projectId}::uuid`)}
    from asked where "workOrderId" is null
  ),
  unplaced as (
    select ${p.projectId}::uuid as project_id, "workflowId" as workflow_id, order_id as work_order_id, "messageId" as message_id,
      "snapshotId" as snapshot_id, "triggerId" as trigger_id, "jobId" as job_id, "dataclipId" as dataclip_id, ids.id as run_id
    from asked join ids on ids.n = asked.n
  ), ${withPlaces("unplaced", "starts")}, ${queued({ priority: "bulk", createdBy: p.createdBy, bulkActId: p.bulkActId })},
  linked as (
    insert into run_steps (run_id, step_id)
    select queued.id, unnest(asked."linkedStepIds") from queued join asked on asked.order_id = queued.work_order_id
  ),
  reopened as (
    update work_orders w set state = case when w.state = 'running' then w.state else 'pending' end, last_activity = now(),
      has_issue = ${hasIssue("w")}
    from asked where w.id = asked."workOrderId" and w.project_id = ${p.projectId}
  )
  select ${columns} from queued`,
);

/** Queues runs of a bulk act, behind what arrives by itself; at most one of each work order. Its `write` announces them. */
export async function queueBulkRuns(
  tx: Db,
  of: { projectId: string; bulkActId: string; createdBy: string | null },
  starts: BulkStart[],
): Promise<QueuedRun[]> {
  if (starts.length === 0) return [];
  const numbered = starts.map((start, place) => ({ n: place + 1, ...start }));
  const runs = await queryOf(tx)<QueuedRun>(
    queueBulk.text,
    queueBulk.values({ ...of, starts: sqlJson(numbered) }),
  );
  announceQueued(tx, runs);
  return runs;
}

/** Puts an event into the outbox of the caller's `write`, which wakes the engine when it is committed. */
export async function sendEvent<N extends OutboxEventName>(
  tx: Db,
  projectId: string,
  name: N,
  data: EventData<N>,
): Promise<void> {
  await queryOf(tx)("insert into outbox (project_id, event, data) values ($1, $2, $3::jsonb)", [
    projectId,
    name,
    sqlJson(data),
  ]);
  announceIn(tx, { projectId, wakesEngine: true });
}

/**
 * Hands runs back to the queue, as common table expressions behind `due` (id): nobody executes them. An unfinished one
 * gets an event of its own, so that no engine takes it for one that it has had.
 */
const handedBack = (hasLeft?: string) => `
handed as (
  /* checked: of runs that were found */
  update runs r set asked_again = r.asked_again + 1, handed_back_at = clock_timestamp(), executor_id = null
  from (select id from due order by id) d where r.id = d.id and ${isUnfinished("r.state")}
  returning r.*
),
requested as (insert into outbox (project_id, event, data) select ${requestAgainOf("handed", hasLeft)} from handed)
select ${columns} from handed`;

/**
 * Hands runs back: of this executor, or with null those that nobody executes. Those that have ended, or that somebody has
 * in hand just now, stay as they are. `hasLeft`: the function that had them ends with this. Returns the ones that were
 * handed back: announce them.
 */
export const handBackRuns = (
  sql: Sql,
  runIds: string[],
  executorId: string | null = null,
  hasLeft = false,
): Promise<QueuedRun[]> =>
  runIds.length === 0
    ? Promise.resolve([])
    : sql.query<QueuedRun>(
        `/* checked: of runs that were found */ with due as (
           select id from runs where id = any($1::uuid[]) and executor_id is not distinct from $2::uuid and ${isUnfinished("state")}
             and waits_for is null
           order by id for no key update skip locked
         ), ${handedBack("$3::boolean")}`,
        [runIds, executorId, hasLeft],
        "hand-back",
      );

/** Hands back the runs that `found`, SQL for their ids, finds. Returns them: announce them. */
export const handBackFound = (sql: Sql, found: string, name: string): Promise<QueuedRun[]> =>
  sql.query<QueuedRun>(`/* all tenants: the safety net */ with due as (${found}), ${handedBack()}`, [], name);
