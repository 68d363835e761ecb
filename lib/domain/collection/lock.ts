import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";

/**
 * Makes whoever changes items of a project's collections wait for each other, so that what is counted of them is exact.
 * Readers wait for nobody, and neither does anybody else in the project. Before every other lock of a collection.
 */
export const lockItems = (tx: Db, projectId: string): Promise<unknown> =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('collections/' || ${projectId}::uuid, 0))`);
