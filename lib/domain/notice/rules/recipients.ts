import type { Sql } from "@/db/client";
import type { ToldStatus } from "@/lib/words";
import { type QuietHours, quietUntil } from "./clock";

/** Whom to tell, and from when on: at once, or when their quiet hours end. */
export type Recipient =
  | { userId: string; notBefore: Date | null }
  | { channelId: string; notBefore: Date | null };

export type Failure = { projectId: string; workflowId: string; status: ToldStatus; now: Date };

/**
 * SQL: the member `m`, whose user is `u`, of the project `p` may be told what happens in it: neither the project nor their
 * account is on its way out, and where the project asks for a second factor, they have one.
 */
export const mayBeTold = `p.deletion_scheduled_at is null and u.deletion_scheduled_at is null and u.disabled_at is null
  and (not p.require_second_factor
    or exists (select 1 from second_factors f where f.user_id = u.id and f.confirmed_at is not null))`;

/** SQL: the rule `r` of somebody lets them hear at once of the workflow `$2` and the status `$3`. */
const hearsAtOnce = `r.at_once and (r.workflow_ids is null or $2 = any(r.workflow_ids))
  and (r.statuses is null or $3 = any(r.statuses))`;

/**
 * Who is to hear at once that runs of a workflow ended in this status, by their rules as they are now. Without a rule the
 * owner, admins and channels do. Nobody, when the project is on its way out. Each once, members first.
 */
export async function recipients(
  sql: Sql,
  { projectId, workflowId, status, now }: Failure,
): Promise<Recipient[]> {
  const failure = [projectId, workflowId, status];
  const members = await sql.query<{ userId: string } & QuietHours>(
    `select m.user_id as "userId", u.time_zone as "timeZone", u.quiet_from as "quietFrom", u.quiet_to as "quietTo"
     from projects p join project_members m on m.project_id = p.id join users u on u.id = m.user_id
     left join notice_rules r on r.project_id = p.id and r.user_id = m.user_id
     where p.id = $1 and ${mayBeTold}
       and case when r.id is null then m.role in ('owner', 'admin') else ${hearsAtOnce} end
     order by m.user_id`,
    failure,
  );
  const channels = await sql.query<{ channelId: string }>(
    `select c.id as "channelId" from projects p join notice_channels c on c.project_id = p.id
     left join notice_rules r on r.project_id = p.id and r.channel_id = c.id
     where p.id = $1 and p.deletion_scheduled_at is null and c.disabled_at is null and (r.id is null or (${hearsAtOnce}))
     order by c.id`,
    failure,
  );
  return [
    ...members.map(({ userId, ...quiet }) => ({ userId, notBefore: quietUntil(quiet, now) })),
    ...channels.map(({ channelId }) => ({ channelId, notBefore: null })),
  ];
}
