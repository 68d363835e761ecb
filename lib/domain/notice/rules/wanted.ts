import type { Sql } from "@/db/client";
import type { NoticeKind } from "@/lib/words";
import { mayBeTold } from "./recipients";

/** Of a notice: what it is, about which project, and for whom. */
export type Wanted = {
  kind: NoticeKind;
  projectId: string | null;
  userId: string | null;
  channelId: string | null;
};

/**
 * Whether its person or channel is still to have it, asked when it is about to be sent: not who has left or is on the way
 * out, lacks the second factor that the project asks for by now, or has stopped this since it was queued. The operator has all.
 */
export async function isStillWanted(
  sql: Sql,
  { kind, projectId, userId, channelId }: Wanted,
): Promise<boolean> {
  if (channelId) return some(sql, channel, [channelId, projectId, kind]);
  if (userId && projectId) return some(sql, member, [userId, projectId, kind]);
  if (userId) return some(sql, person, [userId]);
  return true;
}

async function some(sql: Sql, text: string, values: unknown[]): Promise<boolean> {
  const found = await sql.query<{ wanted: number }>(text, values);
  return found.length > 0;
}

const person =
  "select 1 as wanted from users where id = $1 and deletion_scheduled_at is null and disabled_at is null";

/** What its rule says of the kind `$3`; `role` is what applies without one. */
const byRule = (role: string) => `case $3
  when 'issue' then coalesce(r.at_once, ${role})
  when 'digest' then r.digest is not null and r.digest <> 'never'
  when 'plan' then coalesce(r.at_once, true)
  else true end`;

const member = `select 1 as wanted from projects p join project_members m on m.project_id = p.id join users u on u.id = m.user_id
  left join notice_rules r on r.project_id = m.project_id and r.user_id = m.user_id
  where p.id = $2 and u.id = $1 and ${mayBeTold} and ${byRule("m.role in ('owner', 'admin')")}
    and ($3 <> 'plan' or m.role in ('owner', 'admin'))`;

/** What becomes of what a channel that is switched off was to have is said where it is sent from. */
const channel = `select 1 as wanted from projects p join notice_channels c on c.project_id = p.id
  left join notice_rules r on r.project_id = c.project_id and r.channel_id = c.id
  where c.id = $1 and p.id = $2 and p.deletion_scheduled_at is null
    and ${byRule("true")}`;
