import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rowByRow } from "@/db/keyset";
import { queryOf, rows } from "@/db/rows";
import { statement } from "@/db/statement";
import { isOfMessage } from "@/lib/domain/run/of-message";
import { announceIn } from "@/lib/queue/announce";
import { outboxRow } from "@/lib/queue/events";
import { followed, followerJson } from "@/lib/queue/lines";
import { announceQueued, type QueuedRun } from "@/lib/queue/queue";
import { isUnfinished } from "@/lib/workflow/states";
import { workOrderState } from "@/lib/workflow/work-order";
import type { Act } from "./items";

type Of = { projectId: string; by: string | null };
type Ended = {
  id: string;
  state: "pending" | "running";
  messageId: string | null;
  followers: QueuedRun[] | null;
};

/**
 * Locks the runs `found` that nobody else holds, and ends them: those that wait at once, those that run are asked to stop.
 * Where some wait for their turn or for their workflow it is only those, and the others are for the next time (lib/queue/lines.ts). `lastState` and `lastFailed` are SQL for what a work order comes to where no other run of it is unfinished.
 */
const ending = (
  p: { projectId: string; by: string; words: string },
  found: string,
  { lastState = "'cancelled'", lastFailed = "r.step_failed" } = {},
) => `
with looked as materialized (
  select r.id, r.waits_for is not null as waits from runs r
  where ${found} and r.project_id = ${p.projectId} and ${isUnfinished("r.state")} and r.cancel_requested_at is null
),
found as (
  select r.id, r.project_id, r.workflow_id, r.state, r.work_order_id, r.message_id, r.order_key, r.waits_for from runs r
  where r.id = any(array(select id from looked where waits = (select bool_or(waits) from looked)))
    and r.project_id = ${p.projectId} and ${isUnfinished("r.state")} and r.cancel_requested_at is null
    and (r.waits_for is not null) = (select bool_or(waits) from looked)
  order by r.id for update of r skip locked
),
cancelled as (
  update runs r set state = 'cancelled', error_type = 'Cancelled', error_message = ${p.words}, finished_at = clock_timestamp(),
    cancel_requested_at = clock_timestamp(), cancelled_by = ${p.by}::uuid, waits_for = null
  from found where r.id = found.id and r.project_id = found.project_id and found.state = 'pending'
  returning r.id, r.project_id, r.workflow_id, r.order_key, found.waits_for
),
ended as (select * from cancelled where waits_for is null),
${followed},
locked as (
  select id from work_orders where project_id = ${p.projectId} and (select count(*) from followers) >= 0
    and id = any(array(select work_order_id from found where state = 'pending'))
  order by id for no key update
),
stopped as (
  update runs r set cancel_requested_at = clock_timestamp(), cancelled_by = ${p.by}::uuid
  from found where r.id = found.id and r.project_id = found.project_id and found.state = 'running'
),
sent as (
  insert into outbox (project_id, event, data)
  select ${outboxRow("found.project_id", "run/cancelled", { runId: "found.id", projectId: "found.project_id" })} from found where state = 'running'
),
reordered as (
  update work_orders w set last_activity = clock_timestamp(), step_failed = ${lastFailed},
    state = ${workOrderState("array(select id from found where state = 'pending')", lastState)}
  from (select distinct on (r.work_order_id) r.work_order_id, r.project_id, of.step_failed
        from found r join runs of on of.id = r.id and of.project_id = r.project_id
        where r.state = 'pending' order by r.work_order_id, r.id desc) r
    join locked on locked.id = r.work_order_id
  where w.id = r.work_order_id and w.project_id = r.project_id
)
select id, state, message_id as "messageId", case when row_number() over () = 1 then ${followerJson} end as followers from found`;

const cancelling = statement<{ projectId: string; by: string | null; words: string; ids: string[] }>((p) =>
  ending(p, `r.id = any(${p.ids}::uuid[])`),
);

/** The last run of the work order `w` that a taken back one does not hide. */
const before = (column: string, bulkActId: string) => `(
  select o.${column} from runs o where o.work_order_id = w.id and o.project_id = w.project_id and o.finished_at is not null
    and (o.bulk_act_id is distinct from ${bulkActId}::uuid or o.started_at is not null)
  order by o.finished_at desc, o.id desc limit 1)`;

const takingBack = statement<{
  projectId: string;
  by: string | null;
  words: string;
  bulkActId: string;
  none: string;
  most: number;
}>((p) =>
  ending(
    p,
    `r.id in (select id from runs where bulk_act_id = ${p.bulkActId} and state = 'pending' and project_id = ${p.projectId} limit ${p.most}::int)`,
    {
      lastState: `coalesce(${before("state", p.bulkActId)}, ${p.none}::text)`,
      lastFailed: `coalesce(${before("step_failed", p.bulkActId)}, false)`,
    },
  ),
);

/** Runs that wait or run, of these ids or messages. */
export async function unfinishedRuns(
  db: Db,
  { projectId, target, ids }: { projectId: string; target: Act["target"]; ids: string[] },
): Promise<{ itemId: string; runId: string }[]> {
  const by =
    target === "messages"
      ? isOfMessage("r", projectId, sql`o.message_id = i.id`)
      : sql`r.id = i.id and r.project_id = ${projectId}`;
  return rows(
    db,
    sql`/* checked: by what each is of */ select i.id as "itemId", r.id as "runId" from unnest(${sql.param(ids)}::uuid[]) as i (id)
        cross join lateral (
          select r.id from runs r where ${by}
            and ${rowByRow(sql`${sql.raw(isUnfinished("r.state"))} and r.cancel_requested_at is null`)} offset 0
        ) r order by i.id, r.id`,
  );
}

const changed = (projectId: string, ended: Ended[]) => ({
  projectId,
  runs: ended.map(({ id }) => id),
  ended: ended.flatMap(({ id, state }) => (state === "pending" ? id : [])),
  messages: [...new Set(ended.flatMap(({ messageId }) => messageId ?? []))],
  wakesEngine: ended.some(({ state }) => state === "running"),
});

/**
 * Cancels runs as `cancelRun` does one. Those that somebody holds at the moment stay: ask again. Returns those that were
 * cancelled, or asked to stop. Inside a `write`.
 */
export async function cancelRuns(
  tx: Db,
  { projectId, by }: Of,
  ids: string[],
  words: string,
): Promise<Ended[]> {
  if (ids.length === 0) return [];
  const ended = await queryOf(tx)<Ended>(cancelling.text, cancelling.values({ projectId, by, words, ids }));
  if (ended.length > 0) announceIn(tx, changed(projectId, ended));
  announceQueued(tx, ended[0]?.followers ?? []);
  return ended;
}

/**
 * Takes back at most `most` runs of a bulk act that have not started: they are cancelled, and their work orders stand as
 * they did before. Returns how many. Inside a `write`.
 */
export async function takeBackRuns(
  tx: Db,
  { projectId, by }: Of,
  act: Pick<Act, "id" | "kind">,
  { words, most }: { words: string; most: number },
): Promise<number> {
  const none = act.kind === "release" ? "rejected" : "cancelled";
  const values = takingBack.values({ projectId, by, words, bulkActId: act.id, none, most });
  const ended = await queryOf(tx)<Ended>(takingBack.text, values);
  if (ended.length > 0) announceIn(tx, changed(projectId, ended));
  announceQueued(tx, ended[0]?.followers ?? []);
  return ended.length;
}
