import type { Database } from "@/db/client";
import { queueNotices } from "@/lib/domain/notice/queue";
import { nextDigest, type QuietHours, quietUntil } from "@/lib/domain/notice/rules/clock";
import { isStillWanted } from "@/lib/domain/notice/rules/wanted";
import { log } from "@/lib/log";
import { type About, type Counts, countDigest } from "./count";
import { saysSomething } from "./data";

/** Rules that are read at a time. */
const batch = 50;
/** After which one whose numbers could not be had is tried again. */
const againMs = 10 * 60_000;

type Due = About &
  QuietHours & { id: string; userId: string | null; channelId: string | null; nextDigestAt: Date };

/**
 * Queues the digests that are due, oldest first, for about `budgetMs`. Any number may do so at once, and end anywhere: a rule
 * moves on in the commit that queues its notice. What was missed while nothing ran is made up for by the newest alone. Where
 * nothing happened and nothing is open, none is sent. Returns how many were queued.
 */
export async function sendDigests(database: Database, budgetMs: number, now = new Date()): Promise<number> {
  const endsAt = performance.now() + budgetMs;
  // Those who get the same share one count.
  const known = new Map<string, Promise<Counts>>();
  let queued = 0;
  while (performance.now() < endsAt) {
    const due = await database.query<Due>(nextDue, [now, batch]);
    for (const rule of due) {
      if (performance.now() >= endsAt) break;
      queued += await send(database, rule, known, now);
    }
    if (due.length < batch) break;
  }
  return queued;
}

async function send(
  database: Database,
  rule: Due,
  known: Map<string, Promise<Counts>>,
  now: Date,
): Promise<number> {
  const { digest, timeZone } = rule;
  try {
    const isWanted = await isStillWanted(database, { ...rule, kind: "digest" });
    const said = isWanted ? await shared(database, rule, known, now) : null;
    return await settle(database, rule, said, nextDigest(digest, timeZone, now), now);
  } catch (error) {
    log.warn("a digest could not be made", { rule: rule.id, error });
    known.clear();
    await settle(database, rule, undefined, new Date(now.getTime() + againMs), now);
    return 0;
  }
}

function shared(
  database: Database,
  rule: Due,
  known: Map<string, Promise<Counts>>,
  now: Date,
): Promise<Counts> {
  const { projectId, workflowIds, digest, timeZone } = rule;
  const key = [projectId, digest, timeZone, workflowIds?.toSorted().join(",") ?? "all"].join(" ");
  const found = known.get(key) ?? countDigest(database, rule, now);
  known.set(key, found);
  return found;
}

/**
 * Moves the rule on and queues what it has to say: null is nothing, because nobody is to have it; undefined is not yet.
 * Whoever else has moved it meanwhile has done it.
 */
async function settle(
  { transaction }: Database,
  rule: Due,
  said: Counts | null | undefined,
  next: Date | null,
  now: Date,
): Promise<number> {
  const { id, projectId, userId, channelId, digest, nextDigestAt } = rule;
  const data = said && { ruleId: id, ...said };
  const isSaid = data ? saysSomething(data) : null;
  return transaction(async (sql) => {
    const moved = await sql.query<{ id: string }>(move, [
      id,
      projectId,
      nextDigestAt,
      next,
      isSaid,
      digest,
      now,
    ]);
    const to = userId ? { userId } : channelId ? { channelId } : null;
    if (moved.length === 0 || !data || !isSaid || !to) return 0;
    const key = `digest:${id}:${digest}:${data.from}`;
    return queueNotices(sql, [
      { kind: "digest", key, projectId, to, data, notBefore: quietUntil(rule, now) },
    ]);
  });
}

const nextDue = `
/* all tenants: whose digests are due */
select r.id, r.project_id as "projectId", r.user_id as "userId", r.channel_id as "channelId", r.workflow_ids as "workflowIds",
  r.digest, coalesce(u.time_zone, r.time_zone) as "timeZone", u.quiet_from as "quietFrom", u.quiet_to as "quietTo",
  r.next_digest_at as "nextDigestAt"
from notice_rules r left join users u on u.id = r.user_id
where r.next_digest_at <= $1 order by r.next_digest_at limit $2`;

const move = `update notice_rules set next_digest_at = $4,
  last_digest_at = case when $5::boolean is null then last_digest_at else $7 end, last_digest_said = coalesce($5, last_digest_said)
where id = $1 and project_id = $2 and date_trunc('milliseconds', next_digest_at) = $3 and digest = $6 returning id`;
