import type { Database } from "@/db/client";
import { ulid } from "./protocol";

export type Retention = { runsMs: number; eventsMs: number; batch: number };

const maxBatches = 50;

/** Forgets finished runs and old event ids in bounded batches; returns whether more is left. */
export async function sweep(
  database: Database,
  schema: string,
  { runsMs, eventsMs, batch }: Retention,
): Promise<boolean> {
  const now = Date.now();
  // The id is as old as the run's start, so the first part of the primary key holds all candidates.
  const before = ulid(Math.max(0, now - runsMs)).slice(0, 10);
  for (let i = 0; i < maxBatches; i++) {
    const [row] = await database.query<{ n: number }>(`select ${schema}.sweep($1, $2, $3, $4) as n`, [
      before,
      new Date(now - runsMs),
      new Date(now - eventsMs),
      batch,
    ]);
    if ((row?.n ?? 0) < batch) return false;
  }
  return true;
}
