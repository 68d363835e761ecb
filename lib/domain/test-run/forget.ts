import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import { firstIdAt } from "@/lib/domain/id-range";
import type { TestHost } from "./host";

/** Few: a test may have stored megabytes in hundreds of steps. */
const atOnce = 5;
const maxRounds = 200;
const dayMs = 86_400_000;
/** Days for which a test is kept, where its project keeps such things for as long. */
const testDays = 7;

/** Tests are kept for a week, or for as long as their project keeps the least of what a run has. Some a transaction. */
export async function forgetTests(
  { db }: Pick<TestHost, "db">,
  now: Date,
  only: string | null,
): Promise<number> {
  let gone = 0;
  for (const forget of [ofWeek(now, only), ofShorter(now, only)])
    for (let round = 0; round < maxRounds; round++) {
      const { length } = await rows(db, forget);
      gone += length;
      if (length < atOnce) break;
    }
  return gone;
}

const ofWeek = (
  now: Date,
  only: string | null,
) => sql`/* all tenants: retention */ delete from test_runs where id in (
  select id from test_runs where id < ${firstIdAt(new Date(now.getTime() - testDays * dayMs))}::uuid and finished_at is not null
    and (${only}::uuid is null or project_id = ${only}::uuid)
  order by id limit ${atOnce}) returning 1`;

const ofShorter = (
  now: Date,
  only: string | null,
) => sql`/* all tenants: retention */ delete from test_runs where id in (
  select t.id from projects p cross join lateral (
    select min(days::int) as days from jsonb_path_query(p.retention, 'strict $.**') v(days) where jsonb_typeof(days) = 'number'
  ) shortest cross join lateral (
    select id from test_runs t where t.project_id = p.id and t.id < id_at(${now.toISOString()}::timestamptz - make_interval(days => shortest.days))
      and t.finished_at is not null order by t.project_id, t.id limit ${atOnce}
  ) t
  where p.retention is not null and (${only}::uuid is null or p.id = ${only}::uuid) and shortest.days < ${testDays} and (p.retains_from is null or p.retains_from <= ${now.toISOString()}::timestamptz)
  limit ${atOnce}) returning 1`;
