import type { Database, Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { paceOf } from "@/lib/domain/purge/pace";
import { timeOfId } from "@/lib/time-ordered-id";
import { dropUnneeded } from "./drop";
import { partitionsOf, withoutWaiting } from "./parts";

/**
 * Tables that are divided by a time-ordered id, so that what is old goes as files and not row by row. Of a table there are
 * the `first` partition, which was the table before it was divided, those that are made ahead here, each named after the day
 * on which it begins, and `other` for ids that none is for: of clocks that differ, made by hand, or of a time in which no
 * engine was there to make any.
 */
const partitioned = [{ table: "log_lines", by: "step_id" }] as const;
type Partitioned = (typeof partitioned)[number];

const dayMs = 86_400_000;
/** Until when partitions have to be there. */
const aheadMs = 4 * dayMs;
/** For how long partitions of the past are looked through. */
const lookMs = 60_000;

/**
 * Sees to it that there are partitions for the next days, and drops those of the past of which nothing is needed. Each is a
 * transaction of its own that gives up rather than wait, so doing it twice, at once or never to the end is harmless.
 */
export async function keepPartitions(
  database: Database,
  now = new Date(),
): Promise<{ made: string[]; dropped: string[] }> {
  const made: string[] = [];
  for (const of of partitioned) made.push(...(await makeAhead(database, of, now.getTime())));
  return { made, dropped: await dropUnneeded(database, now, paceOf(lookMs)) };
}

async function makeAhead(database: Database, of: Partitioned, now: number): Promise<string[]> {
  const made: string[] = [];
  const last = (await partitionsOf(database, of.table)).at(-1);
  // Days for which nobody made any are left to `other`.
  let from = Math.max(dayOf(now), last ? Date.parse(timeOfId(last.to)) : 0);
  if (from > now + aheadMs) return made;
  const days = daysOfOne(await keptOf(database, of, now));
  while (from <= now + aheadMs) {
    const name = `${of.table}_${new Date(from).toISOString().slice(0, 10).replaceAll("-", "")}`;
    const [first, end] = [from, from + days * dayMs].map((moment) => firstIdAt(new Date(moment)));
    const outcome = await withoutWaiting(database, async (sql) => {
      await sql.query(`create table ${name} (like ${of.table} including all)`);
      await sql.query(
        `alter table ${of.table} attach partition ${name} for values from ('${first}') to ('${end}')`,
      );
      return true;
    });
    if (outcome === "busy") break;
    if (outcome === "done") made.push(name);
    from += (outcome === "done" ? days : 1) * dayMs;
  }
  return made;
}

const dayOf = (moment: number) => Math.floor(moment / dayMs) * dayMs;

const aim = { bytes: 2 ** 27, days: 28, parts: 100 };

/**
 * How many days a partition is for, by what there is: 128 MB and not more than four weeks, but a hundredth at least, so that
 * neither a small installation nor one that keeps for ever has more than some hundred.
 */
export function daysOfOne({ bytes, days }: { bytes: number; days: number }): number {
  const large = (days * aim.bytes) / Math.max(1, bytes);
  return Math.ceil(Math.max(1, days / aim.parts, days > 0 ? Math.min(aim.days, large) : aim.days));
}

async function keptOf(sql: Sql, { table, by }: Partitioned, now: number) {
  const [kept] = await sql.query<{ bytes: number; oldest: string | null }>(
    `select (select sum(pg_total_relation_size(relid)) from pg_partition_tree('${table}') where isleaf)::float8 as bytes,
       /* checked: a number of all tenants */ (select ${by} from ${table} where ${by} >= $1::uuid order by ${by} limit 1) as oldest`,
    [firstIdAt(new Date(now - 3_650 * dayMs))],
  );
  const days = kept?.oldest ? Math.max(0, (now - Date.parse(timeOfId(kept.oldest))) / dayMs) : 0;
  return { bytes: kept?.bytes ?? 0, days };
}
