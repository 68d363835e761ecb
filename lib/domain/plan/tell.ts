import type { Database } from "@/db/client";
import { queueNotices } from "@/lib/domain/notice/queue";

/** From how many percent of a month's runs on people are told, and again when all are used up. */
export const warningPercent = 85;

const maxNotices = 100;
/** What was not queued, because whoever was about to has ended, is tried again. */
const againMinutes = 60;

type Due = { projectId: string; userId: string; month: string; percent: number };

/**
 * Has the owner and the admins of every project told whose plan's runs of this month run out, once at 85 % and once when they
 * are used up. Any number of engines may do so at once, also of the release before, which mails by itself. Returns how many
 * are told; what is left is left to the next minute.
 */
export async function tellOfPlans(database: Database): Promise<number> {
  await database.query(notice, [warningPercent]);
  const due = await database.query<Due>(claim, [againMinutes, maxNotices]);
  await queueNotices(
    database,
    due.map(({ projectId, userId, month, percent }) => ({
      kind: "plan",
      key: `plan:${projectId}:${month}:${percent}`,
      projectId,
      to: { userId },
      data: { month, percent },
      notBefore: null,
    })),
  );
  for (const { projectId, userId, month, percent } of due)
    await database.query(
      "update plan_notices set told_at = now() where project_id = $1 and month = $2::date and percent = $3 and user_id = $4",
      [projectId, month, percent, userId],
    );
  return due.length;
}

/** Whoever is owner or admin by now: a later one is told, too. Of a month that is used up already, nothing is said of 85 %. */
const notice = `
/* all tenants: whoever's runs run out */
with used as materialized (
  select p.id, p.runs_per_month, plan_used(p.id, p.runs_per_month) as used
  from projects p where p.runs_per_month is not null and p.deletion_scheduled_at is null
)
insert into plan_notices (project_id, month, percent, user_id)
select u.id, date_trunc('month', now() at time zone 'UTC')::date, case when u.used >= u.runs_per_month then 100 else $1::int end, m.user_id
from used u join project_members m on m.project_id = u.id and m.role in ('owner', 'admin')
where u.used::float8 * 100 >= u.runs_per_month::float8 * $1::int
order by 1, 4
on conflict do nothing`;

const claim = `
/* all tenants: whoever is to be told */
with due as (
  select n.project_id, n.month, n.percent, n.user_id from plan_notices n
  where n.told_at is null and n.month = date_trunc('month', now() at time zone 'UTC')::date
    and (n.claimed_at is null or n.claimed_at < now() - make_interval(mins => $1::int))
  order by n.claimed_at nulls first limit $2::int for update skip locked
)
update plan_notices n set claimed_at = now()
from due d join projects p on p.id = d.project_id join users u on u.id = d.user_id
where n.project_id = d.project_id and n.month = d.month and n.percent = d.percent and n.user_id = d.user_id
  and p.runs_per_month is not null and p.deletion_scheduled_at is null
returning n.project_id as "projectId", n.user_id as "userId", n.month::text, n.percent`;
