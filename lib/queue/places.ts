/** SQL for a run's line, null for none: `path` is SQL for the workflow's, the others for what it may lead into. */
export const orderKeyIn = (path: string, content: string, request: string): string =>
  `case when ${path} is not null then order_key_in(${path}, ${content}, ${request}) end`;

/**
 * `to`: the rows of `from` (project_id, workflow_id, message_id, dataclip_id, …) with their places, of work whose input is
 * stored: order_key, is_paused.
 */
export const withPlaces = (from: string, to: string): string => `
${to} as (
  select x.*, case when w.order_key is not null then order_key_of(w.order_key, x.project_id, x.message_id, x.dataclip_id) end as order_key,
    coalesce(w.paused_at, p.paused_at) is not null as is_paused
  from ${from} x
  left join lateral (
    select order_key, paused_at from workflows where id = x.workflow_id and project_id = x.project_id limit 1
  ) w on true
  cross join lateral (select paused_at from projects where id = x.project_id limit 1) p
)`;
