import pg from "pg";
import { bringUpToDate } from "@/db/migrate";

/** Brings an empty database to the schema of today, as the product does. */
export async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await bringUpToDate(client).finally(() => client.end());
}
