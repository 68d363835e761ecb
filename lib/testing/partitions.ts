import type { Sql } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";

const dayMs = 86_400_000;

/** A partitioned table that is empty, with so many partitions instead, of so many days each, up to tomorrow. */
export async function divideAnew(sql: Sql, table: string, count: number, days: number): Promise<void> {
  const tomorrow = Date.now() + dayMs;
  const bound = (n: number) => `'${firstIdAt(new Date(tomorrow - n * days * dayMs))}'`;
  await sql.query(`drop table ${table}_first`);
  for (let n = 0; n < count; n++)
    await sql.query(
      `create table ${table}_${String(n).padStart(8, "0")} partition of ${table} for values from (${n === count - 1 ? "minvalue" : bound(n + 1)}) to (${bound(n)})`,
    );
}

/** The tables that hold the rows of these: each itself, or its partitions. */
export const leavesOf = async (sql: Sql, tables: readonly string[]): Promise<string[]> =>
  (
    await sql.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relkind = 'r' and coalesce(pg_partition_root(oid), oid) = any('{${tables}}'::regclass[])`,
    )
  ).map(({ name }) => name);
