import { statfs } from "node:fs/promises";
import os from "node:os";
import type { Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";

/** Something that is wrong with the installation while it lasts. */
export type Condition = { name: string; detail: Record<string, string | number> };

const dayMs = 86_400_000;
const gb = 1_000_000_000;
/** Nearly full: less than a twentieth, or than what a minute of messages may need. */
const leastShare = 0.05;
const leastBytes = gb / 2;
const queueMinutes = 15;
const outboxMs = 5 * 60_000;
/** Runs of a project that are looked at, for one that does not wait on purpose. */
const mostLooked = 1_000;
/** A run may have waited for so long before it ended. */
const ranForDays = 30;

/** Moments as the database writes them; what happened at its very end is part of it, what happened at its beginning is not. */
export type Span = { since: string; until: string };

/** The disk of a folder, when it is nearly full. It is this machine's alone. */
export async function fullDisk(folder: string): Promise<Condition[]> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const [free, all] = [bavail * bsize, blocks * bsize];
  if (free >= leastBytes && free >= all * leastShare) return [];
  return [{ name: `disk:${os.hostname()}`, detail: { folder, freeBytes: free, allBytes: all } }];
}

/** A queue that stands still although engines live: `oldestOutboxMs` is how long what is to be handed to them waits. */
export async function stuckQueue(sql: Sql, oldestOutboxMs: number | null): Promise<Condition[]> {
  if (oldestOutboxMs !== null && oldestOutboxMs > outboxMs)
    return [{ name: "queue", detail: { oldestMinutes: Math.round(oldestOutboxMs / 60_000) } }];
  const [stuck] = await sql.query<{ projects: number; project: string | null }>(
    `/* all tenants: whose runs stand still */
     select count(*)::int as projects, min(p.id::text) as project from projects p cross join lateral (
       select 1 from (
         select r.retry_at from runs r
         where r.project_id = p.id and r.state = 'pending' and r.waits_for is null and r.id <= $2::uuid
         order by r.project_id, r.id limit ${mostLooked}) asked
       where asked.retry_at is null limit 1) oldest
     where p.paused_at is null
       and not exists (select 1 from runs r where (r.project_id, r.state, r.id) >= (p.id, 'running', $1::uuid)
         and (r.project_id, r.state) <= (p.id, 'running'))`,
    ["00000000-0000-0000-0000-000000000000", firstIdAt(new Date(Date.now() - queueMinutes * 60_000))],
  );
  if (!stuck?.project) return [];
  return [
    {
      name: "queue",
      detail: { projects: stuck.projects, project: stuck.project, oldestMinutes: queueMinutes },
    },
  ];
}

export type Ended = { state: string; errorType: string | null; projectId: string; runs: number };

/** Runs that were lost or could not be executed in that time, by what was wrong and by project. */
export const lostRuns = (sql: Sql, { since, until }: Span): Promise<Ended[]> =>
  sql.query<Ended>(
    `/* all tenants: whatever was ours to blame */
     select s.state, r.error_type as "errorType", p.id as "projectId", count(*)::int as runs
     from projects p cross join (values ('lost'), ('exception')) s (state) cross join lateral (
       select r.error_type from runs r where r.project_id = p.id and r.state = s.state and r.id >= $1::uuid
         and r.finished_at > $2 and r.finished_at <= $3 order by r.id desc limit 1000) r
     group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100`,
    [firstIdAt(new Date(new Date(since).getTime() - ranForDays * dayMs)), since, until],
  );

/** How many notices were given up in that time, besides those about this. */
export async function unsentNotices(sql: Sql, { since, until }: Span): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    `/* all tenants: what the operator's mail server may be to blame for */
     select count(*)::int as n from notices where id >= $1::uuid and state in ('failed', 'uncertain') and kind <> 'operator'
       and failed_at > $2 and failed_at <= $3`,
    [firstIdAt(new Date(new Date(since).getTime() - 3 * dayMs)), since, until],
  );
  return row?.n ?? 0;
}
