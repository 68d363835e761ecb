import { queryOf } from "@/db/rows";
import { write } from "@/lib/domain/write";
import type { IssueState } from "@/lib/words";
import type { Collector } from "./collector";
import { takesTurn } from "./turn";

const maxOrders = 200;
const actor = { type: "system", label: "issues" } as const;

/**
 * Says of some work orders that succeeded that they are not affected any more, and of issues that affect nothing any more that
 * they are resolved. Returns how many work orders were looked at: 0 = none is left, or somebody holds them.
 *
 * A rerun of something else may succeed as well: an order is healed when the job has succeeded for its input since, or when a
 * run did from its trigger on. A later rerun puts it on the list again (lib/queue/queue.ts).
 */
export async function healSome({ db, announce }: Collector, projectId: string): Promise<number> {
  return write({ db, announce, actor, project: { id: projectId } }, "own", async (tx) => {
    const query = queryOf(tx);
    const orders = (await takesTurn(tx, projectId))
      ? await query<{ id: string }>(take, [projectId, maxOrders])
      : [];
    const ids = orders.map(({ id }) => id);
    const healed = ids.length > 0 ? await query<{ issueId: string }>(heal, [projectId, ids]) : [];
    const issueIds = [...new Set(healed.map(({ issueId }) => issueId))];
    const resolved = await resolveHealed(query, projectId, issueIds);
    return {
      result: ids.length,
      audit: resolved.map(({ id, was }) => ({
        event: "issue.update",
        itemId: id,
        before: { state: was },
        after: { state: "resolved" },
      })),
      changed: issueIds.length > 0 ? { issues: issueIds } : null,
    };
  });
}

const take = `
with due as (
  select o.project_id, o.id from work_orders o where o.project_id = $1 and o.listed_state = 'success'
  order by o.project_id, o.id limit $2 for no key update skip locked
)
update work_orders o set has_issue = false from due where o.id = due.id and o.project_id = due.project_id returning o.id`;

/** What succeeded last, of the message where there is one: it may have been processed again as new. */
const heal = `
with asked as materialized (
  select o.id, o.message_id, o.workflow_id, last.starting_trigger_id is not null as is_whole
  from unnest($2::uuid[]) as a (id) cross join lateral (
    select * from work_orders o where o.id = a.id and o.project_id = $1 limit 1
  ) o cross join lateral (
    select r.starting_trigger_id from runs r where r.work_order_id = o.id and r.project_id = $1 and r.state = 'success'
    order by r.id desc limit 1
  ) last
),
affected as materialized (
  select io.issue_id, io.work_order_id, io.step_id, asked.message_id, asked.id as order_id, asked.workflow_id, asked.is_whole
  from asked cross join lateral (
    select * from issue_orders io where io.work_order_id = asked.id and io.project_id = $1 and io.healed_at is null
    union
    select * from issue_orders io where io.message_id = asked.message_id and io.project_id = $1 and io.healed_at is null
  ) io
),
over as (
  select a.issue_id, a.work_order_id from affected a
  cross join lateral (select i.job_id, i.workflow_id from issues i where i.id = a.issue_id and i.project_id = $1 limit 1) i
  where i.workflow_id = a.workflow_id and (a.is_whole or i.job_id is null or exists (
    select 1 from (
      select s.exit_reason, s.handled from (
        select s.id, s.exit_reason, s.handled, s.started_at from steps s
        where s.message_id = a.message_id and s.job_id = i.job_id and s.project_id = $1
        union all
        select s.id, s.exit_reason, s.handled, s.started_at from runs r join steps s on s.run_id = r.id and s.project_id = r.project_id
        where a.message_id is null and r.work_order_id = a.order_id and r.project_id = $1 and s.job_id = i.job_id
      ) s where s.exit_reason is not null order by s.started_at desc, s.id desc limit 1
    ) last where last.exit_reason = 'success' or last.handled
  ))
)
update issue_orders io set healed_at = now() from over
where io.issue_id = over.issue_id and io.work_order_id = over.work_order_id and io.project_id = $1 and io.healed_at is null
returning io.issue_id as "issueId"`;

/** Of these issues of a project: those that affect nothing any more. An ignored one stays ignored. Returns them with what they were. */
async function resolveHealed(
  query: ReturnType<typeof queryOf>,
  projectId: string,
  issueIds: string[],
): Promise<{ id: string; was: IssueState }[]> {
  if (issueIds.length === 0) return [];
  return query(
    `with due as (
       select id, state from issues where id = any($2::uuid[]) and project_id = $1 and state in ('open', 'acknowledged')
       order by id for no key update
     )
     update issues i set state = 'resolved', changed_at = now(), changed_by = null, changed_by_label = null
     from due where i.id = due.id and i.project_id = $1
       and not exists (select 1 from issue_orders o where o.issue_id = i.id and o.project_id = $1 and o.healed_at is null)
     returning i.id, due.state as was`,
    [projectId, issueIds],
  );
}

/** Issues that were ignored until a moment that is over are open again: what fails from now on is news. */
export async function wakeIgnored({ db, announce }: Collector): Promise<void> {
  const woken = await write({ db, actor }, "own", async (tx) => {
    const found = await queryOf(tx)<{ id: string; projectId: string }>(wake);
    return {
      result: found,
      audit: found.map(({ id, projectId }) => ({
        event: "issue.update",
        itemId: id,
        project: { id: projectId },
        before: { state: "ignored" },
        after: { state: "open" },
      })),
      changed: null,
    };
  });
  for (const { id, projectId } of woken) announce({ projectId, issues: [id] });
}

const wake = `/* all tenants: whose time is over */
with due as (
  select id from issues where state = 'ignored' and ignored_until is not null and ignored_until <= now()
  order by ignored_until limit 500 for no key update skip locked
)
update issues i set state = 'open', changed_at = now(), changed_by = null, changed_by_label = null, ignored_until = null,
  ignored_until_count = null, returned = returned + 1
from due where i.id = due.id returning i.id, i.project_id as "projectId"`;
