import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";

/**
 * Waits for those who are about to make a run wait because of this pause (`stays_paused` in the database): whoever lets go
 * afterwards sees what they made. `id` is the workflow's or the project's.
 */
export const lockPause = (tx: Db, id: string): Promise<unknown> =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('pause/' || ${id}::uuid, 0))`);
