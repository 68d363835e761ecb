import type { Priority } from "@/lib/words";
import { requestOf } from "./events";

/**
 * The parts of statements that match a message and queue runs, as common table expressions; each names what it reads.
 * Every way in which a run is queued is made of these.
 */

/**
 * Exactly `content @> filter`, and true of every content for `{}`. The filter, which may be long and kept apart from its
 * row, is read only when its probe is in the message; `case`, because nothing else says what comes first.
 */
const contains = (name: "inclusion" | "exclusion", filter: string): string =>
  `case when t.${name}_probe is null or meaning.value @> t.${name}_probe
      then coalesce(${filter} = '{}' or meaning.value @> ${filter}, false) else false end`;

/**
 * `matched` (workflow_id, snapshot_id, trigger_id): what a message starts. Reads `arriving` (project_id, trigger_id,
 * workflow_id, snapshot_id), one row or none: the last three are those of the trigger whose URL was called, null when
 * the project's was. A filter of `{}`, or none, takes every message. `content` is the message's meaning as jsonb; it is
 * evaluated once, and only when there are filters.
 */
export const matched = (content: string): string => `
matched as (
  select workflow_id, snapshot_id, trigger_id from arriving where trigger_id is not null and snapshot_id is not null
  union all
  select distinct on (w.id) w.id, w.snapshot_id, t.id
  from arriving
  join triggers t on t.project_id = arriving.project_id and t.type = 'message_filter' and t.enabled
  join workflows w on w.id = t.workflow_id and w.deleted_at is null and w.snapshot_id is not null
  cross join lateral (select (select ${content}) as value where t.id is not null offset 0) meaning
  where arriving.trigger_id is null
    and ${contains("inclusion", "coalesce(t.inclusion, '{}')")}
    and not ${contains("exclusion", "t.exclusion")}
)`;

/**
 * `orders` and `starts`: a work order of each row of `due` (project_id, workflow_id, snapshot_id, trigger_id, message_id,
 * dataclip_id), and its first start.
 */
export const ordered = `
orders as (
  insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id)
  select project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id from due
  returning id, project_id, workflow_id, snapshot_id, trigger_id, message_id, dataclip_id
),
starts as (
  select project_id, workflow_id, id as work_order_id, message_id, snapshot_id, trigger_id, null::uuid as job_id, dataclip_id
  from orders
)`;

/**
 * `queued` (id, project_id, workflow_id, work_order_id, message_id, priority) and their outbox rows: a pending run of each
 * row of `starts`. `createdBy` is SQL for a user's id.
 */
export const queued = ({
  priority = "normal",
  createdBy = "null",
}: {
  priority?: Priority;
  createdBy?: string;
} = {}): string => `
queued as (
  insert into runs (project_id, workflow_id, work_order_id, message_id, snapshot_id, starting_trigger_id, starting_job_id,
    dataclip_id, priority, created_by)
  select project_id, workflow_id, work_order_id, message_id, snapshot_id, trigger_id, job_id, dataclip_id, '${priority}',
    ${createdBy}::uuid
  from starts
  returning id, project_id, workflow_id, work_order_id, message_id, priority
),
requested as (
  insert into outbox (project_id, event, data) select ${requestOf("queued")} from queued
)`;
