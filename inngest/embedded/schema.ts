import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Sql } from "@/db/client";
import { type Migration, migrations } from "./migrations";
import { OutdatedError } from "./outdated";
import { persist } from "./persist";

/**
 * What the last release without numbered migrations wrote as the schema's comment. Its tables are those of 0001, which
 * is recorded there and not run: its locks would meet those of the engines at work.
 */
const adopted = { comment: "waybill engine 30e74aad180f5efa", number: 1 };

/** An engine silent for this long is dead or stands still, and is fenced by the claims of others. */
const silentAfterMs = 15_000;

type SchemaOptions = {
  /** What this release knows; tests add to it. */
  known?: readonly Migration[];
  /** How long to wait for engines of older releases before a breaking migration. */
  patienceMs?: number;
};

type Applied = { number: number; name: string; sha256: string; isBreaking: boolean; isApplied: boolean };

/**
 * Brings the engine's Postgres schema to this release's newest migration; any number of processes may call it at once.
 * Throws an `OutdatedError` when the database is too new for this release, and a sentence when an applied file was
 * changed or an older release's engines do not leave before a breaking migration.
 */
export async function applySchema(
  database: Database,
  schema: string,
  { known = migrations, patienceMs = 60_000 }: SchemaOptions = {},
): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(schema)) throw new Error(`"${schema}" is not a usable schema name.`);
  const newest = known.at(-1)?.number ?? -1;
  const rows = await readHistory(database, schema);
  if (rows.length > 0) await refuseWhenTooOld(database, schema, newest);
  for (const next of known) {
    const row = rows.find(({ number }) => number === next.number);
    if (row?.isApplied && row.sha256 !== next.sha256)
      throw new Error(
        `Migration ${next.name} of the engine's schema is not the file that was applied to this database: restore the file and add a new number for what changed.`,
      );
    if (row?.isApplied) continue;
    if (next.isBreaking) await waitForOlderEngines(database, schema, next, patienceMs);
    await persist(() => apply(database, schema, next));
  }
}

async function readHistory(sql: Sql, schema: string): Promise<Applied[]> {
  // Read, and not asked for by name: what is known by name may be what was known before somebody else made it.
  const tables = await sql.query(
    `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'migration'`,
    [schema],
  );
  if (tables.length === 0) return [];
  return sql.query<Applied>(
    `select number, name, sha256, is_breaking as "isBreaking", applied_at is not null as "isApplied" from ${schema}.migration`,
  );
}

async function refuseWhenTooOld(sql: Sql, schema: string, newest: number): Promise<void> {
  const [row] = await sql.query<{ name: string | null }>(`select ${schema}.breaking_above($1) as name`, [
    newest,
  ]);
  if (row?.name) throw new OutdatedError(row.name, newest);
}

/** One migration in a transaction of its own, so that it holds no lock that it does not need itself. */
async function apply(database: Database, schema: string, next: Migration): Promise<void> {
  await database.transaction(async (sql) => {
    await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema} schema`]);
    const row = (await readHistory(sql, schema)).find(({ number }) => number === next.number);
    if (row?.isApplied) return;
    if (next.number !== adopted.number || (await commentOf(sql, schema)) !== adopted.comment)
      await sql.query(next.sql.replaceAll("@extschema@", schema));
    // Releases without numbered migrations must no longer take the schema for theirs.
    if (next.isBreaking) await sql.query(`comment on schema ${schema} is 'waybill engine ${next.name}'`);
    await sql.query(
      `insert into ${schema}.migration (number, name, sha256, is_breaking, applied_at) values ($1, $2, $3, $4, now())
        on conflict (number) do update set name = $2, sha256 = $3, is_breaking = $4, applied_at = now()`,
      [next.number, next.name, next.sha256, next.isBreaking],
    );
  });
}

async function commentOf(sql: Sql, schema: string): Promise<string | null> {
  const [row] = await sql.query<{ comment: string | null }>(
    "select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = $1",
    [schema],
  );
  return row?.comment ?? null;
}

/**
 * Announces a breaking migration until no engine is left that does not know it: they see it at their heartbeat, give
 * back what they hold while their statements still work, and leave.
 */
async function waitForOlderEngines(
  database: Database,
  schema: string,
  next: Migration,
  patienceMs: number,
): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    await database.query(
      `insert into ${schema}.migration (number, name, sha256, is_breaking) values ($1, $2, $3, true)
        on conflict (number) do update set announced_at = now()`,
      [next.number, next.name, next.sha256],
    );
    const [row] = await database.query<{ older: number }>(
      `select count(*)::int as older from ${schema}.engine
        where coalesce(newest_known, 0) < $1 and beat_at > now() - $2 * interval '1 ms'`,
      [next.number, silentAfterMs],
    );
    if (!row?.older) return;
    if (Date.now() > giveUpAt)
      throw new Error(
        `Migration ${next.name} of the engine's schema must wait until no engine of an older release runs on this database (now ${row.older}): stop them, then start this one again.`,
      );
    await sleep(250);
  }
}
