import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { Database, Db, Row, Sql } from "@/db/client";
import * as schema from "@/db/schema";

/** One statement as it was sent. */
export type Sent = { text: string; values: unknown[] };

export type Recorder = {
  database: Database;
  /** Everything that was sent while `work` ran, in order. What `work` throws is thrown. */
  during(work: () => Promise<unknown>): Promise<Sent[]>;
};

/**
 * A database that the product's verbs use as any other, and that remembers what they sent. Its own transactions are
 * taken back, so that what is looked at stays as it was filled.
 */
export function recorder(url: string): Recorder {
  let sent: Sent[] = [];
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on("error", () => {});
  const logger = { logQuery: (text: string, values: unknown[]) => void sent.push({ text, values }) };
  const through = (client: Pick<pg.Pool, "query"> | pg.PoolClient): Sql => ({
    async query<T extends Row>(text: string, values: unknown[] = []) {
      sent.push({ text, values });
      return (await client.query<T>(text, values)).rows;
    },
  });
  const database: Database = {
    db: drizzle(pool, { schema, logger }) as unknown as Db,
    ...through(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        return await work(through(client));
      } finally {
        await client.query("rollback");
        client.release();
      }
    },
    listen: async () => async () => {},
    answeredAt: () => null,
    close: () => pool.end(),
  };
  return {
    database,
    async during(work) {
      sent = [];
      await work();
      return sent;
    },
  };
}
