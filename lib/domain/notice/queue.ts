import type { Sql } from "@/db/client";
import { outboxRow } from "@/lib/queue/events";
import { sqlJson } from "@/lib/sql-json";
import type { NoticeKind } from "@/lib/words";

/** Who is told: a person by mail, a channel of the project, or the operator's mailbox or webhook (`mailto:`, `https:`). */
export type NoticeTarget = { userId: string } | { channelId: string } | { address: string };

export type NewNotice = {
  kind: NoticeKind;
  /** What it is about. The same key is never told twice to the same target. */
  key: string;
  /** Null = about nothing of a project's. A channel's is its own project. */
  projectId: string | null;
  to: NoticeTarget;
  /** Ids and numbers from which its text is made when it is sent (`contents.ts`); never a payload's texts. */
  data: Record<string, unknown>;
  /** Null = at once. */
  notBefore: Date | null;
};

/**
 * Puts notices where they are sent from, in the caller's transaction or as a statement of its own, and asks for their sending.
 * Those that were queued before (same key, same target), and those of projects, people and channels that are on their way
 * out, are left out. Returns how many are new.
 */
export async function queueNotices(sql: Sql, notices: readonly NewNotice[]): Promise<number> {
  if (notices.length === 0) return 0;
  const [row] = await sql.query<{ n: number }>(queue, [sqlJson(notices.map(rowOf))]);
  return row?.n ?? 0;
}

const rowOf = ({ kind, key, projectId, to, data, notBefore }: NewNotice) => ({
  kind,
  key: `${key}:${Object.values(to)[0]}`,
  project_id: projectId,
  user_id: "userId" in to ? to.userId : null,
  channel_id: "channelId" in to ? to.channelId : null,
  address: "address" in to ? to.address : null,
  data,
  not_before: notBefore?.toISOString() ?? null,
});

/**
 * In the order of their keys, so that two who queue the same wait for each other one way only. Whoever is asked sends all that
 * is due, so a heap of issues asks once.
 */
const queue = `
/* checked: projects, people and channels are looked up by the ids that the caller has */
with made as (
  insert into notices (kind, key, project_id, user_id, channel_id, address, data, lane, not_before, next_at)
  select n.kind, n.key, n.project_id, n.user_id, n.channel_id, n.address, coalesce(n.data, '{}'),
    coalesce(n.channel_id, n.project_id, n.user_id,
      case when n.address like 'http%' then uuid '00000000-0000-0000-0000-000000000001' else '00000000-0000-0000-0000-000000000000' end),
    coalesce(n.not_before, now()), coalesce(n.not_before, now())
  from jsonb_to_recordset($1::jsonb) as n(kind text, key text, project_id uuid, user_id uuid, channel_id uuid,
    address text, data jsonb, not_before timestamptz)
  where (n.project_id is null or exists (
      select 1 from projects p where p.id = n.project_id and p.deletion_scheduled_at is null))
    and (n.user_id is null or exists (
      select 1 from users u where u.id = n.user_id and u.deletion_scheduled_at is null))
    and (n.channel_id is null or exists (
      select 1 from notice_channels c where c.id = n.channel_id and c.project_id = n.project_id))
  order by n.key
  on conflict (key) do nothing
  returning not_before
),
asked as (
  insert into outbox (project_id, event, data)
  select ${outboxRow("null::uuid", "notices/requested", {})} from (select 1 from made where not_before <= now() limit 1) due
  where not exists (select 1 from outbox where project_id is null and event = 'notices/requested')
)
select count(*)::int as n from made`;
