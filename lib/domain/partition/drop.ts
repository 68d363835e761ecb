import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { atMost, type Pace } from "@/lib/domain/purge/pace";
import { countLogsGone, type LogsGone } from "@/lib/domain/retention/gone";
import { isLogGone } from "@/lib/domain/retention/gone-logs";
import { errorCode } from "@/lib/error-code";
import { type Partition, partitionsOf, withoutWaiting } from "./parts";

/** What began then may go on; nobody keeps logs for less. */
const settledMs = 86_400_000;
/** Of a partition not more is read by one statement. Lines of a step that stand apart are one where one statement reads them. */
const slicePages = 4_000;
const firstLook = 200;
/** Somebody reads or writes lines most of the time, each for a moment. */
const mostTries = 5;
const restMs = 200;

type Looking = Pick<Pace, "goesOn" | "portion" | "read">;

/**
 * SQL over a step `s`: its lines have to stay. Of a step that is gone, a line was written by a release that did not hold the
 * step; whatever else took a step's log away deleted the lines.
 */
const isNeeded = `(s.finished_at is null or s.wiped_at is null and not ${isLogGone("s")})`;

/** By partition, the step whose lines were the first that was found to be needed: mostly they are the next time, too. */
const neededFor = new Map<string, string>();

/**
 * Drops the partitions of lines of log that are over and of which nothing is needed: of no step whose log is shown, whosever
 * it is. What is dropped counts as gone of its project. Returns their names. One that is too large to be looked through while the
 * pace goes on is emptied piece by piece before.
 */
export async function dropUnneeded(database: Database, now: Date, pace: Looking): Promise<string[]> {
  const dropped: string[] = [];
  const end = firstIdAt(new Date(now.getTime() - settledMs));
  for (const partition of (await partitionsOf(database, "log_lines")).filter(({ to }) => to <= end))
    try {
      if (await drop(database, partition, { now, pace })) dropped.push(partition.name);
    } catch (error) {
      if (errorCode(error) !== isGone) throw error;
    }
  return dropped;
}

async function drop(
  database: Database,
  { name }: Partition,
  { now, pace }: { now: Date; pace: Looking },
): Promise<boolean> {
  if (await isSurelyNeeded(database, name)) return false;
  const touched = await watch(database, name);
  const found = touched === null ? null : await lookThrough(database, name, pace);
  if (typeof found === "string") neededFor.set(name, found);
  if (found === null || typeof found === "string") return false;
  for (let tries = 0; tries < mostTries; tries++) {
    const outcome = await withoutWaiting(database, async (sql) => {
      await countLogsGone(sql, found, now);
      // In this order, which is that of whoever writes.
      await sql.query("lock table log_lines in access exclusive mode");
      if ((await touches(sql)) !== touched) throw new TouchedError();
      await sql.query(`drop table ${name}`);
      return true;
    }).catch((error) => {
      if (error instanceof TouchedError) return "passed" as const;
      throw error;
    });
    if (outcome !== "busy") return outcome === "done";
    await sleep(restMs);
  }
  return false;
}

/** Undoes what was counted. */
class TouchedError extends Error {}

/** Somebody has dropped it meanwhile. */
const isGone = "42P01";

/** A look at those that are likely to be needed still: the one that was, and the last ones. */
async function isSurelyNeeded(sql: Sql, name: string): Promise<boolean> {
  const [found] = await sql.query<{ id: string }>(
    `/* all tenants: whosever it is */ select l.step_id as id from (
       (select $1::uuid as step_id) union all (select t.step_id from ${name} t order by t.step_id desc, t.seq desc limit ${firstLook})) l
     cross join lateral (select 1 from steps s where s.id = l.step_id and ${isNeeded} offset 0) s limit 1`,
    [neededFor.get(name) ?? null],
  );
  return found !== undefined;
}

/**
 * From now on whoever writes to the partition, or deletes from it, is noticed, however late they come: that is asked when it
 * is locked, and takes no time. Null: somebody does just now.
 */
async function watch(database: Database, name: string): Promise<string | null> {
  let touched: string | null = null;
  await withoutWaiting(database, async (sql) => {
    await sql.query(`lock table ${name} in share row exclusive mode`);
    await sql.query(
      `create or replace trigger touched after insert or delete on ${name} for each row execute function touch_line()`,
    );
    touched = await touches(sql);
    return true;
  });
  return touched;
}

async function touches(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ touched: string }>(
    "select last_value::text || is_called as touched from line_touches",
  );
  if (!row) throw new Error("The database did not say what was touched.");
  return row.touched;
}

/**
 * Reads a partition from end to end, page by page, so that nobody's snapshot is long. Returns what would go with it, the id of the
 * first step that needs it, or null when there was no time.
 */
async function lookThrough(
  sql: Sql,
  name: string,
  { goesOn, portion, read }: Looking,
): Promise<LogsGone[] | string | null> {
  const sums = new Map<string, LogsGone>();
  const [size] = await sql.query<{ pages: number }>(
    `select (pg_relation_size('${name}') / current_setting('block_size')::int)::int as pages`,
  );
  for (let page = 0; page < (size?.pages ?? 0); ) {
    if (!goesOn()) return null;
    const end = page + atMost(slicePages, portion("look"));
    const found = await read("look", () =>
      sql.query<LogsGone & { needed: string | null }>(slice(name), [`(${page},0)`, `(${end},0)`]),
    );
    page = end;
    for (const { needed, projectId, logs, logBytes } of found) {
      if (needed) return needed;
      const sum = sums.get(projectId);
      sums.set(projectId, {
        projectId,
        logs: (sum?.logs ?? 0) + logs,
        logBytes: (sum?.logBytes ?? 0) + logBytes,
      });
    }
  }
  return [...sums.values()];
}

/** Each step has one first line, and is looked up by itself: a join may read all steps that there are for each slice. */
const slice = (name: string): string => `
/* all tenants: whosever it is */ select s.project_id as "projectId", min(s.needed) as needed, sum(l.logs)::int as logs,
  sum(case when l.step_id < (select bytes_to from usage_counted) then l.bytes else 0 end)::float8 as "logBytes"
from (
  select t.step_id, count(*) filter (where t.seq = 0) as logs, sum(octet_length(t.message)) as bytes
  from ${name} t where t.ctid >= $1::tid and t.ctid < $2::tid group by t.step_id
) l cross join lateral (
  select s.project_id, case when ${isNeeded} then s.id::text end as needed from steps s where s.id = l.step_id offset 0) s
group by s.project_id`;
