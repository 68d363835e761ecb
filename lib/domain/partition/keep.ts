import type { Database, Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { errorCode } from "@/lib/error-code";
import { timeOfId } from "@/lib/time-ordered-id";

/**
 * Tables that are divided by a time-ordered id, so that what is old goes as files and not row by row. Of a table there are
 * the `first` partition, which was the table before it was divided, those that are made ahead here, each named after the day
 * on which it begins, and `other` for ids that none is for: of clocks that differ, made by hand, or of a time in which no
 * engine was there to make any.
 */
const partitioned = [
  // A line whose step is gone was written by a release that did not hold the step. Steps are looked up one by one (`offset 0`):
  // the first that is there says enough, and a join may walk through all that are older.
  {
    table: "log_lines",
    by: "step_id",
    isNeeded:
      "/* all tenants: whosever it is */ exists (select 1 from steps s where s.id = t.step_id offset 0)",
  },
] as const;
type Partitioned = (typeof partitioned)[number];

export type Partition = { name: string; from: string; to: string };

/** Whoever comes behind us waits no longer; what was not had is tried again the next time. */
const lockMs = 50;
const dayMs = 86_400_000;
/** Until when partitions have to be there. */
const aheadMs = 4 * dayMs;
/** Clocks differ, and what began then may go on. */
const settledMs = 2 * dayMs;
const lowest = "00000000-0000-0000-0000-000000000000";

/** The partitions of a range of ids, oldest first. */
export async function partitionsOf(sql: Sql, table: string): Promise<Partition[]> {
  const found = await sql.query<{ name: string; bound: string }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass`,
    [table],
  );
  return found
    .flatMap(({ name, bound }) => {
      const [, from, to] = /^FOR VALUES FROM \((?:'(.+)'|MINVALUE)\) TO \('(.+)'\)$/.exec(bound) ?? [];
      return to ? [{ name, from: from ?? lowest, to }] : [];
    })
    .sort((a, b) => (a.to < b.to ? -1 : 1));
}

/**
 * Sees to it that there are partitions for the next days, and drops those of the past of which nothing is needed. Each is a
 * transaction of its own that gives up rather than wait, so doing it twice, at once or never to the end is harmless.
 */
export async function keepPartitions(
  database: Database,
  now = new Date(),
): Promise<{ made: string[]; dropped: string[] }> {
  const [made, dropped]: [string[], string[]] = [[], []];
  for (const of of partitioned) {
    made.push(...(await makeAhead(database, of, now.getTime())));
    dropped.push(...(await dropUnneeded(database, of, now.getTime())));
  }
  return { made, dropped };
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

const aim = { bytes: 2 ** 30, days: 28, parts: 24 };

/**
 * How many days a partition is for, by what there is: a gigabyte and not more than four weeks, but a 24th at least, so that
 * neither a small installation nor one that keeps for ever has hundreds.
 */
export function daysOfOne({ bytes, days }: { bytes: number; days: number }): number {
  const aGigabyte = (days * aim.bytes) / Math.max(1, bytes);
  return Math.ceil(Math.max(1, days / aim.parts, days > 0 ? Math.min(aim.days, aGigabyte) : aim.days));
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

async function dropUnneeded(database: Database, of: Partitioned, now: number): Promise<string[]> {
  const dropped: string[] = [];
  const end = firstIdAt(new Date(now - settledMs));
  for (const { name } of (await partitionsOf(database, of.table)).filter(({ to }) => to <= end)) {
    const isNeeded = async (sql: Sql) =>
      (
        await sql.query(
          `/* all tenants: none of them needs it */ select 1 from ${name} t where ${of.isNeeded} limit 1`,
        )
      ).length > 0;
    if (await isNeeded(database)) continue;
    const outcome = await withoutWaiting(database, async (sql) => {
      // In this order, which is that of whoever writes.
      await sql.query(`lock table ${of.table} in access exclusive mode`);
      if (await isNeeded(sql)) return false;
      await sql.query(`drop table ${name}`);
      return true;
    });
    if (outcome === "busy") break;
    if (outcome === "done") dropped.push(name);
  }
  return dropped;
}

/** Somebody holds what has to be locked, or has just done the same. */
const isBusy: ReadonlySet<string> = new Set(["55P03", "40P01", "42P07", "42P01", "42P17"]);
/** `other` has rows of the range: the next day may be free. */
const isTaken = "23514";

/** One transaction that gives up where somebody holds what it has to lock. `work` says whether there was anything to do. */
async function withoutWaiting(
  database: Database,
  work: (sql: Sql) => Promise<boolean>,
): Promise<"done" | "passed" | "busy"> {
  try {
    return await database.transaction(async (sql) => {
      await sql.query("select set_config('lock_timeout', $1, true)", [String(lockMs)]);
      return (await work(sql)) ? "done" : "passed";
    });
  } catch (error) {
    if (isBusy.has(errorCode(error))) return "busy";
    if (errorCode(error) === isTaken) return "passed";
    throw error;
  }
}
