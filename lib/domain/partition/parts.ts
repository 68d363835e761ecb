import type { Database, Sql } from "@/db/client";
import { errorCode } from "@/lib/error-code";

export type Partition = { name: string; from: string; to: string };

/** Whoever comes behind us waits no longer; what was not had is tried again the next time. */
const lockMs = 50;
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

/** Somebody holds what has to be locked, or has just done the same. */
const isBusy: ReadonlySet<string> = new Set(["55P03", "40P01", "42P07", "42P01", "42P17", "23505"]);
/** `other` has rows of the range: the next day may be free. */
const isTaken = "23514";

/** One transaction that gives up where somebody holds what it has to lock. `work` says whether there was anything to do. */
export async function withoutWaiting(
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
