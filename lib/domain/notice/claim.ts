import type { Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import type { NoticeKind } from "@/lib/words";
import type { DueNotice } from "./contents";

/** How notices leave: by mail, or by a request to a channel or to the operator's webhook. */
export type NoticeWay = "mail" | "request";

/** A notice in our hands. */
export type Claimed = DueNotice & {
  address: string | null;
  lane: string;
  /** What only whoever has it in hand knows: a claim that is given up, or taken over, is another one. */
  claim: string;
};

/** After these whoever has a notice in hand has died. Longer than any mail or request may take. */
const claimMinutes = 5;
/** From when on nobody tries any more, after its first time. */
const triedForHours = 24;
/** And not before these, however late the first one was. */
const leastAttempts = 8;
const longestPauseMinutes = 60;
const maxLanes = 1_000;
const maxTogether = 100;

const fields = `n.id, n.project_id as "projectId", n.kind, n.key, n.user_id as "userId", n.channel_id as "channelId",
  n.address, n.data, n.not_before as "notBefore", n.created_at as "createdAt", n.lane, n.claimed_at::text as claim`;

/** SQL: of whom a lane is. A channel's, and the operator's webhook's, are for requests, all others for mails. */
const isRequest = `(n.channel_id is not null or coalesce(n.address like 'http%', false))`;

/**
 * Lanes in which something is due and nobody has anything in hand; first those of channels that took what they got last.
 * What it reads grows with the lanes, not with what waits in them.
 */
export async function dueLanes(sql: Sql, way: NoticeWay): Promise<string[]> {
  const found = await sql.query<{ lane: string }>(
    `/* all tenants: whose turn it is */
     with recursive lanes (lane) as (
       (select lane from notices where state = 'waiting' order by lane limit 1)
       union all
       select next.lane from lanes cross join lateral (
         select lane from notices where state = 'waiting' and lane > lanes.lane order by lane limit 1) next
     )
     select l.lane from lanes l cross join lateral (
       select n.channel_id, ${isRequest} as "isRequest" from notices n
       where n.lane = l.lane and n.state = 'waiting' and n.next_at <= now() order by n.next_at limit 1) n
     left join notice_channels c on c.id = n.channel_id
     where n."isRequest" = $1 and (c.paused_until is null or c.paused_until <= now())
       and not exists (select 1 from notices o where o.claimed_at is not null and o.state = 'waiting' and o.lane = l.lane)
     order by coalesce(c.failures, 0), random() limit ${maxLanes}`,
    [way === "request"],
  );
  return found.map(({ lane }) => lane);
}

/** Takes the one of a lane that has been due for longest. Null when there is none, or others have it. */
export async function claimNext(sql: Sql, lane: string): Promise<Claimed | null> {
  const [row] = await sql.query<Claimed>(
    `/* checked: by its lane */
     update notices n set claimed_at = clock_timestamp(), attempts = n.attempts + 1
     from (select id from notices where lane = $1 and state = 'waiting' and next_at <= now() and claimed_at is null
           order by next_at, id limit 1 for update skip locked) due
     where n.id = due.id returning ${fields}`,
    [lane],
  );
  return row ? read(row) : null;
}

/** And those that waited with it for the same moment: of the same kind, about the same project, for the same person. */
export async function claimTogether(sql: Sql, first: Claimed): Promise<Claimed[]> {
  const found = await sql.query<Claimed>(
    `update notices n set claimed_at = $1::timestamptz, attempts = n.attempts + 1
     from (select o.id from notices f join notices o on o.lane = f.lane and o.state = 'waiting'
             and o.claimed_at is null and o.user_id = f.user_id and o.kind = f.kind and o.not_before = f.not_before
             and o.project_id = f.project_id and o.next_at <= now()
           where f.id = $2 and f.not_before > f.created_at order by o.id limit ${maxTogether - 1}
           for update of o skip locked) due
     where n.id = due.id returning ${fields}`,
    [first.claim, first.id],
  );
  return [first, ...found.map(read).sort((a, b) => (a.id < b.id ? -1 : 1))];
}

const read = (row: Claimed): Claimed => ({
  ...row,
  notBefore: new Date(row.notBefore),
  createdAt: new Date(row.createdAt),
});

/** Notes that from now on it may arrive. Throws when it is no longer ours: then it must not leave. */
export async function markHanded(sql: Sql, mine: readonly Claimed[]): Promise<void> {
  const marked = await sql.query(
    `/* checked: by their claim */ update notices set handed_at = clock_timestamp()
     where id = any($1::uuid[]) and state = 'waiting' and claimed_at = $2::timestamptz and handed_at is null returning 1`,
    [mine.map(({ id }) => id), mine[0]?.claim],
  );
  if (marked.length !== mine.length) throw new Error("Somebody else has this notice in hand.");
}

/**
 * What became of notices in our hands. `soon`: nothing was wrong with them, so the pause does not grow. `isUnknown`: nobody
 * knows how far it got, so what was handed over may have arrived, and stays uncertain.
 */
export type Settlement =
  | { state: "sent" }
  | { state: "again"; error: string; soon?: boolean; isUnknown?: boolean }
  | { state: "failed" | "uncertain" | "stopped"; error: string };

/**
 * Writes down what became of them, unless they are no longer ours. What is to be tried again is so after longer and longer,
 * for a day; then it has failed.
 */
export async function settle(
  sql: Sql,
  mine: readonly Claimed[],
  end: Settlement,
  subject: string | null = null,
): Promise<void> {
  const values = [
    mine.map(({ id }) => id),
    mine[0]?.claim,
    end.state,
    "error" in end ? end.error : null,
    subject,
    end.state === "again" && end.soon === true,
    end.state === "again" && end.isUnknown === true,
  ];
  await sql.query(settled, values);
}

/** What waited for longer, because nothing ran, has had no such day yet. */
const isOver = `(n.attempts >= ${leastAttempts} and n.not_before < now() - interval '${triedForHours} hours')`;

const settled = `/* checked: by their claim */
update notices n set
  claimed_at = null,
  handed_at = case when e.came = 'again' then null else n.handed_at end,
  state = case when e.came <> 'again' then e.came when ${isOver} then 'failed' else 'waiting' end,
  sent_at = case when e.came = 'sent' then now() end,
  failed_at = case when e.came in ('failed', 'uncertain') or e.came = 'again' and ${isOver} then now() end,
  next_at = case when e.came = 'again' then now() + make_interval(mins =>
    case when $6 then 1 else least(${longestPauseMinutes}, (2 ^ least(n.attempts - 1, 10))::int) end) else n.next_at end,
  error = $4,
  subject = coalesce($5, n.subject)
from (select m.id, case when $7 and m.handed_at is not null then 'uncertain' else $3 end as came
      from notices m where m.id = any($1::uuid[]) and m.state = 'waiting' and m.claimed_at = $2::timestamptz for update) e
where n.id = e.id`;

/**
 * Gives back what somebody had in hand who died: nobody knows of what may have left, and all else is tried again, for a day as
 * well: what ends whoever sends it does not do so for ever. Returns how many.
 */
export async function sweepClaims(sql: Sql): Promise<number> {
  const swept = await sql.query(
    `/* all tenants: whoever died with it */
     update notices n set claimed_at = null,
       state = case when n.handed_at is not null then 'uncertain' when ${isOver} then 'failed' else 'waiting' end,
       failed_at = case when n.handed_at is not null or ${isOver} then now() end,
       error = case when n.handed_at is not null then $1 when ${isOver} then $2 else n.error end
     from (select id from notices where state = 'waiting' and claimed_at < now() - interval '${claimMinutes} minutes'
           order by id limit 1000 for update skip locked) lost
     where n.id = lost.id returning 1`,
    [
      "Whoever sent it ended before the other side had said whether it took it.",
      "Whoever was about to send it ended each time.",
    ],
  );
  return swept.length;
}

/** Lets go of what waits to be mailed to a person about a project, for they have stopped it. */
export async function stopWaiting(
  sql: Sql,
  { userId, projectId }: { userId: string; projectId: string },
  kinds: readonly NoticeKind[],
): Promise<void> {
  await sql.query(
    `update notices set state = 'stopped', error = 'Its reader has stopped these.'
     where user_id = $1 and project_id = $2 and kind = any($3::text[]) and state = 'waiting' and claimed_at is null`,
    [userId, projectId, kinds],
  );
}

const keptDays = 90;

/** Forgets what was sent, or could not be, long ago: a thousand a call. */
export async function forgetNotices(sql: Sql): Promise<number> {
  const gone = await sql.query(
    `/* all tenants: what is old */ delete from notices where id = any(array(
       select id from notices where id < $1 and state <> 'waiting' order by id limit 1000 for update skip locked))
     returning 1`,
    [firstIdAt(new Date(Date.now() - keptDays * 86_400_000))],
  );
  return gone.length;
}
