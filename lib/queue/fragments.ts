import type { Priority } from "@/lib/words";
import { requestOf } from "./events";
import { orderKeyIn } from "./places";

/**
 * The parts of statements that match a message and queue runs, as common table expressions; each names what it reads.
 * Every way in which a run is queued is made of these.
 */

const filters = { inclusion: "coalesce(t.inclusion, '{}')", exclusion: "t.exclusion" };

/**
 * SQL for whether `meaning.value` contains that filter of the trigger `t`: exactly `content @> filter`, and true of every
 * content for `{}`. The filter, which may be long and kept apart from its row, is read only when its probe is in the
 * message; `case`, because nothing else says what comes first.
 */
export const contains = (name: keyof typeof filters): string =>
  `case when t.${name}_probe is null or meaning.value @> t.${name}_probe
      then coalesce(${filters[name]} = '{}' or meaning.value @> ${filters[name]}, false) else false end`;

/**
 * `matched` (workflow_id, snapshot_id, trigger_id, order_path, is_paused): what a message starts, and what its workflow says
 * of when. Reads `arriving` (the same with project_id), one row or none: all but the project's id and whether it is paused
 * are of the trigger whose URL was called, null when the project's was. A filter of `{}`, or none, takes every message. `content` is the message's meaning as jsonb; it is
 * evaluated once, and only when there are filters.
 */
export const matched = (content: string): string => `
matched as (
  select workflow_id, snapshot_id, trigger_id, order_path, is_paused from arriving
  where trigger_id is not null and snapshot_id is not null
  union all
  select distinct on (w.id) w.id, w.snapshot_id, t.id, w.order_key, arriving.is_paused or w.paused_at is not null
  from arriving
  join triggers t on t.project_id = arriving.project_id and t.type = 'message_filter' and t.enabled
  join workflows w on w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null
  cross join lateral (select (select ${content}) as value where t.id is not null offset 0) meaning
  where arriving.trigger_id is null
    and ${contains("inclusion")}
    and not ${contains("exclusion")}
)`;

/** What a statement's `message` returns for `dueOfMessage`. */
export const messageColumns = "id, project_id, method, path, query, headers";

/**
 * `due`: what a message starts, with its place in a line. Reads `message` (`messageColumns`) and `matched`; `content` is the
 * message's meaning as jsonb, read only when a workflow has an order.
 */
export const dueOfMessage = (content: string): string => `
due as (
  select message.project_id, matched.workflow_id, matched.snapshot_id, matched.trigger_id, message.id as message_id,
    null::uuid as dataclip_id, ${orderKeyIn("matched.order_path", content, requestOfMessage)} as order_key, matched.is_paused
  from message, matched
)`;

const requestOfMessage = `jsonb_build_object('method', message.method, 'path', to_jsonb(message.path), 'query_params', message.query,
      'headers', message.headers)`;

/**
 * `room` (project_id, room): how many runs the plan of each project of `of` lets start now (`plan_room` of the database: 0 none
 * this month, below 0 none for as many seconds). No row for a project without limits. `of` is a relation with project_id.
 */
export const roomOf = (of: string): string => `
room as materialized (
  select p.id as project_id, plan_room(p.id, p.runs_per_month, p.runs_per_minute) as room
  from projects p where p.id in (select project_id from ${of}) and (p.runs_per_month is not null or p.runs_per_minute is not null)
)`;

/**
 * `orders` and `starts`: a work order of each row of `due` (project_id, workflow_id, snapshot_id, trigger_id, message_id,
 * dataclip_id, order_key, is_paused), and its first start. What the project's plan has no run left for is `rejected` and does
 * not start; with `over` "passed" there is no work order of it either, and the project's usage counts it. `room` is the table
 * expression of that name, where the statement has read the project already. `cause`: `due` says which
 * step started it, too.
 */
export const ordered = ({
  over = "rejected",
  room = roomOf("due"),
  cause = "",
}: {
  over?: "rejected" | "passed";
  room?: string;
  cause?: "" | ", caused_by_step_id";
} = {}): string => `${room},
placed as materialized (
  select uuid_v7() as id, due.*, case when room.room < 0 then 'minute'
    when row_number() over (partition by due.project_id order by due.workflow_id, due.trigger_id) > room.room then 'month' end as rejected_for
  from due left join room on room.project_id = due.project_id
),
orders as (
  insert into work_orders (id, project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id, state, rejected_for${cause})
  select id, project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id,
    case when rejected_for is null then 'pending' else 'rejected' end, rejected_for${cause}
  from placed${over === "passed" ? " where rejected_for is null" : ""}
  returning id, workflow_id, state
),
starts as (
  select project_id, workflow_id, id as work_order_id, message_id, snapshot_id, trigger_id, null::uuid as job_id, dataclip_id,
    order_key, is_paused
  from placed where rejected_for is null
)${over === "passed" ? passedOver : ""}`;

const passedOver = `,
passed as (
  insert into usage_days as u (project_id, day, skipped)
  select project_id, (now() at time zone 'UTC')::date, count(*) from placed where rejected_for is not null group by project_id order by project_id
  on conflict (project_id, day) do update set skipped = u.skipped + excluded.skipped
)`;

/**
 * `queued` (id, project_id, workflow_id, work_order_id, message_id, priority, waits_for): a pending run of each row of
 * `starts`, and the outbox rows of those that nothing is in the way of. Lines are locked in one order, and a run's id is made
 * after its line was: within a line ids are the order in which runs came. `createdBy` is SQL for a user's id, `bulkActId` for
 * that of the bulk act that asks for them; then the rows bring the runs' ids, because their order is that of the act (`run_id`).
 */
export const queued = ({
  priority = "normal",
  createdBy = "null",
  bulkActId,
}: {
  priority?: Priority;
  createdBy?: string;
  bulkActId?: string;
} = {}): string => `
lined as materialized (
  select s.*, case when s.is_paused or s.order_key is not null
    then run_waits_for(s.project_id, s.workflow_id, s.order_key, s.is_paused, s.nth > 1) end as waits_for
  from (
    select starts.*, row_number() over (partition by workflow_id, order_key order by ${bulkActId ? "run_id" : "message_id"}) as nth
    from starts order by workflow_id, order_key, ${bulkActId ? "run_id" : "message_id"} offset 0
  ) s
),
queued as (
  insert into runs (${bulkActId ? "id, " : ""}project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, starting_job_id,
    dataclip_id, priority, created_by, order_key, waits_for${bulkActId ? ", bulk_act_id" : ""})
  select ${bulkActId ? "run_id, " : ""}project_id, workflow_id, work_order_id, message_id, snapshot_id, trigger_id, job_id, dataclip_id, '${priority}',
    ${createdBy}::uuid, order_key, waits_for${bulkActId ? `, ${bulkActId}::uuid` : ""}
  from lined
  returning id, project_id, workflow_id, work_order_id, message_id, priority, waits_for
),
requested as (
  insert into outbox (project_id, event, data) select ${requestOf("queued")} from queued where waits_for is null
)`;
