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

/** SQL for what a job's `state.request` says of an arriving request, as JSON; `arriving` has it as it is stored. */
const stateRequest = (arriving: string): string =>
  `jsonb_build_object('method', ${arriving}.method, 'path', to_jsonb(${arriving}.path), 'query_params', ${arriving}.query,
      'headers', ${arriving}.headers)`;

/**
 * `matched` (message_id, project_id, workflow_id, snapshot_id, trigger_id, order_key, is_paused): what each message starts, and
 * what its workflow says of when. Reads `arriving`, a row for each message: message_id, project_id; of the trigger whose URL was
 * called, null when the project's was: trigger_id, workflow_id, snapshot_id, order_path; is_paused; and as they are stored method,
 * path, query, headers, which only lines read. A filter of `{}`, or none, takes every message. `content` is SQL for a row's
 * meaning as jsonb; it is evaluated once for all filters of its project, and only when there are some, or an order.
 */
export const matched = (content: string): string => `
matched as (
  select message_id, project_id, workflow_id, snapshot_id, trigger_id,
    ${orderKeyIn("order_path", content, stateRequest("arriving"))} as order_key, is_paused
  from arriving
  where trigger_id is not null and snapshot_id is not null
  union all
  select distinct on (meaning.message_id, w.id) meaning.message_id, meaning.project_id, w.id, w.snapshot_id, t.id,
    ${orderKeyIn("w.order_key", "meaning.value", stateRequest("meaning"))}, meaning.is_paused or w.paused_at is not null
  from (
    select arriving.*, ${content} as value from arriving
    where trigger_id is null and (
      select true from triggers t where t.project_id = arriving.project_id and t.type = 'message_filter' and t.enabled limit 1)
    offset 0
  ) meaning
  cross join lateral (
    select * from triggers t where t.project_id = meaning.project_id and t.type = 'message_filter' and t.enabled offset 0
  ) t
  cross join lateral (
    select * from workflows w where w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null limit 1
  ) w
  where ${contains("inclusion")}
    and not ${contains("exclusion")}
)`;

/** Columns of `arriving` for whoever asks only which triggers match. */
export const noRequest =
  "null::text as method, null::text[] as path, null::jsonb as query, null::jsonb as headers";

/** `due`: what messages start, with its place in a line. Reads `matched`, and `message`: nothing is due where none is stored. */
export const dueOfMessages = `
due as (
  select project_id, workflow_id, snapshot_id, trigger_id, message_id, null::uuid as dataclip_id, order_key, is_paused
  from matched where exists (select 1 from message)
)`;

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
    when row_number() over (partition by due.project_id order by due.message_id, due.workflow_id, due.trigger_id) > room.room then 'month' end as rejected_for
  from due left join room on room.project_id = due.project_id
),
orders as (
  insert into work_orders (id, project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id, state, rejected_for${cause})
  select id, project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id,
    case when rejected_for is null then 'pending' else 'rejected' end, rejected_for${cause}
  from placed${over === "passed" ? " where rejected_for is null" : ""}
  returning id, workflow_id, message_id, state
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
 * `queued` (id, project_id, workflow_id, work_order_id, message_id, priority, waits_for, order_key): a pending run of each row of
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
  returning id, project_id, workflow_id, work_order_id, message_id, priority, waits_for, order_key
),
requested as (
  insert into outbox (project_id, event, data) select ${requestOf("queued")} from queued where waits_for is null
)`;

/**
 * `queued` as above, and the outbox rows, of `starts` that nothing is in the way of: project_id, workflow_id, message_id, snapshot_id,
 * trigger_id, and the ids that they bring, order_id and run_id.
 */
export const queuedAtOnce = `
queued as (
  insert into runs (id, project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id)
  select run_id, project_id, workflow_id, order_id, message_id, snapshot_id, trigger_id from starts
  returning id, project_id, workflow_id, work_order_id, message_id, priority
),
requested as (
  insert into outbox (project_id, event, data) select ${requestOf("queued")} from queued
)`;
