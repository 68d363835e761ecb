import fs from "node:fs";
import path from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";

/** Any fixed number: the processes that migrate agree on it. */
const lockKey = 7_702_811_923;

/** How long a migration waits for somebody else: another that migrates, or who holds a table that it changes. */
const lockMs = 10 * 60_000;
const askAgainMs = 50;

/**
 * Brings the database to this release's schema; whoever comes second waits and finds nothing to do, and so does an older
 * release. Throws a sentence when a newer release has applied a migration that begins with `-- breaking: why`.
 */
export async function bringUpToDate(client: pg.Client, migrationsFolder = "db/migrations"): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder });
  // For locks of tables that somebody else holds.
  await client.query(`set lock_timeout = '${lockMs}'`);
  await takeTurn(client);
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
  await goOnline(client, migrationsFolder);
}

/**
 * Whoever waited in a statement would be waited for by whoever builds an index meanwhile, so each asks again. Throws when it
 * takes too long.
 */
async function takeTurn(client: pg.Client): Promise<void> {
  for (const until = performance.now() + lockMs; ; ) {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [
      lockKey,
    ]);
    if (rows[0]?.mine) return;
    if (performance.now() > until) throw new Error("Somebody else migrates the database, and does not end.");
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/**
 * What would hold up whoever works on a large table: indexes that are built or dropped beside them, rows that are filled in
 * some at a time, each file under the name of its migration. Each statement is a transaction of its own, or several; a file that was
 * interrupted is carried out again.
 */
async function goOnline(client: pg.Client, migrationsFolder: string): Promise<void> {
  const folder = path.join(migrationsFolder, "online");
  const { entries }: { entries: { tag: string }[] } = JSON.parse(
    fs.readFileSync(path.join(migrationsFolder, "meta/_journal.json"), "utf8"),
  );
  const files = entries
    .map(({ tag }) => `${tag}.sql`)
    .filter((file) => fs.existsSync(path.join(folder, file)));
  await client.query("create table if not exists drizzle.online (file text primary key)");
  const { rows } = await client.query<{ file: string }>("select file from drizzle.online");
  const done = new Set(rows.map(({ file }) => file));
  for (const file of files) {
    if (done.has(file)) continue;
    const statements = fs.readFileSync(path.join(folder, file), "utf8").split("--> statement-breakpoint");
    for (const statement of statements) {
      const [, index] =
        /^\s*CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS "(\w+)"/.exec(statement) ?? [];
      if (index) await dropHalfBuilt(client, index);
      await client.query(statement);
    }
    await client.query("insert into drizzle.online (file) values ($1)", [file]);
  }
}

/** An index whose building was interrupted is there, serves nobody and costs everybody. */
async function dropHalfBuilt(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query(
    "select 1 from pg_index where indexrelid = to_regclass($1) and not indisvalid",
    [name],
  );
  if (rows.length > 0) await client.query(`drop index concurrently "${name}"`);
}

/** The time stamp of the newest breaking migration that was applied: a release must know at least that one. */
async function oldestUsable(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = 'drizzle'",
  );
  return Number(/^needs (\d+)$/.exec(rows[0]?.comment ?? "")?.[1] ?? 0);
}
