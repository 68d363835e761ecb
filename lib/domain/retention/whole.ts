import type { Db, Sql } from "@/db/client";
import { queryOf } from "@/db/rows";
import type { Actor } from "@/lib/domain/context";
import { firstIdAt } from "@/lib/domain/id-range";
import type { Partition } from "@/lib/domain/partition/parts";
import { write } from "@/lib/domain/write";
import { timeOfId } from "@/lib/time-ordered-id";
import { unfinishedRunStates } from "@/lib/workflow/states";
import { lowest } from "./cuts";

type Host = { db: Db } & Sql;
type Hiding = { actor: Actor; projectId: string; cut: string; now: Date };

const dayMs = 86_400_000;
/** Runs that have not ended, read by one statement. */
const pageRuns = 5_000;

/**
 * Takes the logs of a project out of sight that are older than all that it keeps: at once, however many they are, by one row
 * that is never taken back. What is of a work order that has not ended, or younger, goes run by run. Returns up to where they were
 * gone before and are now.
 */
export async function hideLogs(host: Host, of: Hiding): Promise<{ was: string; is: string }> {
  const { actor, projectId, cut, now } = of;
  const was = await goneUpTo(host, projectId);
  const none = { was, is: was };
  if (cut <= was || !(await hasRuns(host, projectId, was, cut))) return none;
  const is = await lowestInUse(host, projectId, cut);
  if (is <= was) return none;
  await write({ db: host.db, actor, project: { id: projectId } }, "own", async (tx) => {
    const query = queryOf(tx);
    // One row a day, which so says on which its logs went.
    await query(
      `with moved as (
         update logs_gone g set before = greatest(g.before, $2::uuid), at = greatest(g.at, $3::timestamptz)
         where g.project_id = $1 and g.before = (select l.before from logs_gone l where l.project_id = $1 order by l.before desc limit 1)
           and date_trunc('day', g.at, 'UTC') = date_trunc('day', $3::timestamptz, 'UTC') returning 1
       )
       insert into logs_gone (project_id, before, at) select $1, $2, $3 where not exists (select 1 from moved)
         and not exists (select 1 from logs_gone g where g.project_id = $1 and g.before > $2::uuid)
       on conflict (project_id, before) do nothing`,
      [projectId, is, now.toISOString()],
    );
    return { result: undefined, audit: null, changed: null };
  });
  return { was, is };
}

/** Up to where a project's logs are gone as a whole. */
async function goneUpTo(sql: Sql, projectId: string): Promise<string> {
  const [row] = await sql.query<{ before: string }>(
    "select before from logs_gone where project_id = $1 order by before desc limit 1",
    [projectId],
  );
  return row?.before ?? lowest;
}

const hasRuns = async (sql: Sql, projectId: string, from: string, to: string): Promise<boolean> =>
  (
    await sql.query(
      `select 1 from runs r where r.project_id = $1 and (r.project_id, r.id) >= ($1::uuid, $2::uuid) and (r.project_id, r.id) < ($1::uuid, $3::uuid)
       order by r.project_id, r.id limit 1`,
      [projectId, from, to],
    )
  ).length > 0;

/** Below an id, where the logs of work orders begin that have not ended; the id when there are none. */
async function lowestInUse(sql: Sql, projectId: string, cut: string): Promise<string> {
  let found = cut;
  // A work order is made with its first run, but clocks differ.
  const orders = firstIdAt(new Date(Date.parse(timeOfId(cut)) + dayMs));
  for (const state of unfinishedRunStates)
    for (let after: string | null = lowest; after !== null; ) {
      const [page]: { last: string | null; count: number; inUse: string | null }[] = await sql.query(inUse, [
        ...[projectId, state, after, orders, found],
      ]);
      if (page?.inUse && page.inUse < found) found = page.inUse;
      after = page?.count === pageRuns ? page.last : null;
    }
  return found;
}

const inUse = `
with page as materialized (
  select r.id, r.work_order_id from runs r where r.project_id = $1 and r.state = $2 and r.id > $3::uuid
  order by r.project_id, r.state, r.id limit ${pageRuns}
)
select (select count(*) from page)::int as count, (select id from page order by id desc limit 1) as last, (
  select greatest(s.id, s.run_id) from (select distinct work_order_id as id from page where work_order_id < $4::uuid) o
  cross join lateral (select id from runs where work_order_id = o.id and project_id = $1 offset 0) r
  cross join lateral (select id, run_id from steps where run_id = r.id and project_id = $1 offset 0) s
  where greatest(s.id, s.run_id) < $5::uuid order by 1 limit 1) as "inUse"`;

/**
 * Up to which run of a project lines that are out of sight are deleted piece by piece: what is left of partitions that others
 * need, or that are for many days. Of the day that is not over yet, they wait to be dropped with it.
 */
export function piecesUpTo(
  partitions: readonly Partition[],
  { cut, is }: { cut: string; is: string },
): string {
  const of = partitions.find(({ from, to }) => from <= cut && cut < to);
  const isOfADay = of && Date.parse(timeOfId(of.to)) - Date.parse(timeOfId(of.from)) <= dayMs;
  return isOfADay && of.from < is ? of.from : is;
}
