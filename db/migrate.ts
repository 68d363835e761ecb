import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";

/** Any fixed number: the processes that migrate agree on it. */
const lockKey = 7_702_811_923;

/** How long a migration waits for somebody else: another that migrates, or who holds a table that it changes. */
const lockMs = 10 * 60_000;

/**
 * Brings the database to this release's schema; whoever comes second waits and finds nothing to do, and so does an older
 * release. Throws a sentence when a newer release has applied a migration that begins with `-- breaking: why`.
 */
export async function bringUpToDate(client: pg.Client, migrationsFolder = "db/migrations"): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder });
  // For this lock, and for those of tables that somebody else holds.
  await client.query(`set lock_timeout = '${lockMs}'`);
  await client.query("select pg_advisory_lock($1)", [lockKey]);
  const needed = await oldestUsable(client);
  if (needed > (known.at(-1)?.folderMillis ?? 0))
    throw new Error(
      "This release is too old for the database, which a newer one has changed in a way that breaks older ones. Deploy the same release everywhere.",
    );
  await migrate(drizzle(client), { migrationsFolder });
  const breaking = known.findLast(({ sql }) => /^-- breaking: \S/.test(sql[0] ?? ""));
  // Beside Drizzle's own table of what was applied, which has no room for it.
  if (breaking && breaking.folderMillis > needed)
    await client.query(`comment on schema drizzle is 'needs ${Number(breaking.folderMillis)}'`);
}

/** The time stamp of the newest breaking migration that was applied: a release must know at least that one. */
async function oldestUsable(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = 'drizzle'",
  );
  return Number(/^needs (\d+)$/.exec(rows[0]?.comment ?? "")?.[1] ?? 0);
}
