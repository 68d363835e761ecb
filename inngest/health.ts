import type { Sql } from "@/db/client";
import { newestMigration } from "./embedded/migrations/newest";
import { OutdatedError } from "./embedded/outdated";

export type EngineHealth = {
  isUp: boolean;
  engines: number;
  /** Those among them that end what they hold and leave, because a newer release takes the schema over. */
  outdated: number;
  /** This release is too old for the schema, in a sentence. */
  problem: string | null;
  lastBeatAt: Date | null;
  inFlight: number;
  /** Calls that could start now, or wait for a free place. */
  ready: number;
  /** Rows that were committed and not yet handed to the engine. */
  outbox: number;
  oldestOutboxMs: number;
};

const silentAfterMs = 10_000;
/** Counting stops here: asking must stay cheap when much is waiting. */
const countedRows = 1_000;

const lane = `/* all tenants: how it does */
        (select count(*)::int from (select 1 from outbox where event = 'run/requested' and held_by is null and not_before is null limit $2) o) as waiting,
        (select count(*)::int from (select 1 from outbox where held_by is not null limit $2) o) as held`;

/**
 * How the engine processes do, from the rows they leave in the database. Throws when the database is away. The embedded
 * engine claims runs from the outbox itself: there they are ready or in flight, and not to be handed over.
 */
export async function engineHealth(
  sql: Sql,
  { schema = "durable", isEmbedded = true } = {},
): Promise<EngineHealth> {
  const [exists] = await sql.query<{ engine: boolean; history: boolean }>(
    "select to_regclass($1) is not null as engine, to_regclass($2) is not null as history",
    [`${schema}.engine`, `${schema}.migration`],
  );
  const [box] = await sql.query<{ n: number; oldest: number | null }>(
    `select /* all tenants: how it does */ count(*)::int as n, (extract(epoch from now() - min(created_at)) * 1000)::float8 as oldest
      from (select created_at from outbox ${isEmbedded ? "where event <> 'run/requested'" : "order by id"} limit $1) o`,
    [countedRows],
  );
  const outbox = { outbox: box?.n ?? 0, oldestOutboxMs: Math.round(box?.oldest ?? 0) };
  const problem = exists?.history ? await tooOld(sql, schema) : null;
  if (!exists?.engine)
    return {
      isUp: false,
      engines: 0,
      outdated: 0,
      problem,
      lastBeatAt: null,
      inFlight: 0,
      ready: 0,
      ...outbox,
    };
  // Through JSON, because the release before this one has no such column.
  const [row] = await sql.query<{
    engines: number;
    outdated: number;
    last: Date | null;
    in_flight: number;
    queued: number;
    waiting: number;
    held: number;
  }>(
    `select count(*)::int as engines, max(beat_at) as last, coalesce(sum(in_flight), 0)::int as in_flight,
        count(*) filter (where (to_jsonb(e)->>'is_outdated')::boolean)::int as outdated,
        (select count(*)::int from (select 1 from ${schema}.queue where ready limit $2) q) as queued, ${isEmbedded ? lane : "0 as waiting, 0 as held"}
      from ${schema}.engine e where beat_at > now() - $1 * interval '1 ms'`,
    [silentAfterMs, countedRows],
  );
  const engines = row?.engines ?? 0;
  const outdated = row?.outdated ?? 0;
  return {
    isUp: engines > outdated,
    engines,
    outdated,
    problem,
    lastBeatAt: row?.last ?? null,
    inFlight: (row?.in_flight ?? 0) + (row?.held ?? 0),
    ready: Math.min(countedRows, (row?.queued ?? 0) + (row?.waiting ?? 0)),
    ...outbox,
  };
}

async function tooOld(sql: Sql, schema: string): Promise<string | null> {
  const [row] = await sql.query<{ name: string | null }>(`select ${schema}.breaking_above($1) as name`, [
    newestMigration,
  ]);
  return row?.name ? new OutdatedError(row.name).message : null;
}
