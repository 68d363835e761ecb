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
       select r.waits_for, r.retry_at from runs r
       where (r.project_id, r.state, r.id) >= (p.id, 'pending', $1::uuid) and (r.project_id, r.state, r.id) <= (p.id, 'pending', $2::uuid)
       order by r.project_id, r.state, r.id limit 1) oldest
     where p.paused_at is null and oldest.waits_for is null and oldest.retry_at is null
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

/** Runs that were lost or could not be executed since then, by what was wrong and by project. */
export const lostRuns = (sql: Sql, since: Date): Promise<Ended[]> =>
  sql.query<Ended>(
    `/* all tenants: whatever was ours to blame */
     select s.state, r.error_type as "errorType", p.id as "projectId", count(*)::int as runs
     from projects p cross join (values ('lost'), ('exception')) s (state) cross join lateral (
       select r.error_type from runs r where r.project_id = p.id and r.state = s.state and r.id >= $1::uuid
         and r.finished_at > $2 order by r.id desc limit 1000) r
     group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 100`,
    [firstIdAt(new Date(since.getTime() - dayMs)), since],
  );

/** How many notices were given up since then, besides those about this. */
export async function unsentNotices(sql: Sql, since: Date): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    `/* all tenants: what the operator's mail server may be to blame for */
     select count(*)::int as n from notices where id >= $1::uuid and state in ('failed', 'uncertain') and kind <> 'operator'
       and failed_at > $2`,
    [firstIdAt(new Date(since.getTime() - 3 * dayMs)), since],
  );
  return row?.n ?? 0;
}
