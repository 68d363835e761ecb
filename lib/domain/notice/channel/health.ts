import type { Database, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";
import { queueNotices } from "@/lib/domain/notice/queue";
import { write } from "@/lib/domain/write";

type Which = { projectId: string; channelId: string };

/** Nothing but failures for so long, and it is switched off. */
const failsForDays = 5;
const longestPauseMinutes = 60;

/** A channel has taken what it got. */
export async function channelTook(sql: Sql, { projectId, channelId }: Which): Promise<void> {
  await sql.query(
    `update notice_channels set last_sent_at = now(), failures = 0, failing_since = null, paused_until = null, last_error = null
     where id = $2 and project_id = $1`,
    [projectId, channelId],
  );
}

/**
 * It has not: it gets nothing for a while, longer each time. After days of nothing but failures, or when it said that it is
 * gone, it is switched off, and who made it is told.
 */
export async function channelFailed(
  database: Database,
  { projectId, channelId }: Which,
  error: string,
  { isGone }: { isGone: boolean },
): Promise<void> {
  const [row] = await database.query<{ isOver: boolean }>(
    `update notice_channels set failures = failures + 1, failing_since = coalesce(failing_since, now()), last_error = $3,
       paused_until = now() + make_interval(mins => least(${longestPauseMinutes}, (2 ^ least(failures, 10))::int))
     where id = $2 and project_id = $1 and disabled_at is null
     returning failing_since < now() - interval '${failsForDays} days' as "isOver"`,
    [projectId, channelId, error],
  );
  if (row && (row.isOver || isGone)) await switchOff(database, { projectId, channelId }, isGone);
}

const actor = { type: "system", label: "notices" } as const;

const switchOff = ({ db }: Database, { projectId, channelId }: Which, isGone: boolean): Promise<void> =>
  write({ db, actor, project: { id: projectId } }, "own", async (tx) => {
    const sql = { query: queryOf(tx) };
    const [off] = await sql.query<{ name: string; error: string; since: Date }>(
      `update notice_channels set disabled_at = now() where id = $2 and project_id = $1 and disabled_at is null
       returning name, last_error as error, failing_since as since`,
      [projectId, channelId],
    );
    if (!off) return { result: undefined, audit: null, changed: null };
    await sql.query(
      `update notices set state = 'failed', failed_at = now(), error = 'The channel is switched off.'
       where channel_id = $2 and project_id = $1 and state = 'waiting' and claimed_at is null`,
      [projectId, channelId],
    );
    const people = await sql.query<{ userId: string }>(
      `select m.user_id as "userId" from project_members m left join notice_channels c on c.id = $2 and c.project_id = m.project_id
       where m.project_id = $1 and (m.role = 'owner' or m.user_id = c.created_by and m.role = 'admin')`,
      [projectId, channelId],
    );
    await queueNotices(
      sql,
      people.map((to) => ({
        kind: "channel",
        key: `channel:${channelId}:off:${new Date().toISOString()}`,
        projectId,
        to,
        data: { channelId, isGone },
        notBefore: null,
      })),
    );
    const reason = isGone ? "It answered 410: it is gone." : `Nothing but failures for ${failsForDays} days.`;
    return {
      result: undefined,
      audit: {
        event: "notice_channel.switch_off",
        itemId: channelId,
        before: { name: off.name },
        after: { reason, error: off.error },
        project: { id: projectId },
      },
      changed: null,
    };
  });
