import { connect, type Database } from "@/db/client";

/**
 * Makes the database at `url` this process's own, which verbs work on that are called here: beside a whole product, or in
 * a test. Returns the pool for it; whoever asks closes it.
 */
export function processDatabase(url: string, pool: Database = connect(url, { max: 2 })): Database {
  process.env.DATABASE_URL = url;
  (globalThis as { waybillDatabase?: Database }).waybillDatabase = pool;
  return pool;
}
