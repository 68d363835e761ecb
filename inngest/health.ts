import type { Sql } from "@/db/client";

export type EngineHealth = {
  isUp: boolean;
  engines: number;
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
const countedRows = 10_000;

/** How the engine processes do, from the rows they leave in the database. Throws when the database is away. */
export async function engineHealth(sql: Sql, schema = "durable"): Promise<EngineHealth> {
  const [exists] = await sql.query<{ found: boolean }>("select to_regclass($1) is not null as found", [
    `${schema}.engine`,
  ]);
  const [box] = await sql.query<{ n: number; oldest: number | null }>(
    `select count(*)::int as n, (extract(epoch from now() - min(created_at)) * 1000)::float8 as oldest
      from (select created_at from outbox order by id limit $1) o`,
    [countedRows],
  );
  const outbox = { outbox: box?.n ?? 0, oldestOutboxMs: Math.round(box?.oldest ?? 0) };
  if (!exists?.found) return { isUp: false, engines: 0, lastBeatAt: null, inFlight: 0, ready: 0, ...outbox };
  const [row] = await sql.query<{ engines: number; last: Date | null; in_flight: number; ready: number }>(
    `select count(*)::int as engines, max(beat_at) as last, coalesce(sum(in_flight), 0)::int as in_flight,
        (select count(*)::int from (select 1 from ${schema}.queue where ready limit $2) q) as ready
      from ${schema}.engine where beat_at > now() - $1 * interval '1 ms'`,
    [silentAfterMs, countedRows],
  );
  const engines = row?.engines ?? 0;
  return {
    isUp: engines > 0,
    engines,
    lastBeatAt: row?.last ?? null,
    inFlight: row?.in_flight ?? 0,
    ready: row?.ready ?? 0,
    ...outbox,
  };
}
