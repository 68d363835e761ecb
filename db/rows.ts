import type { SQL } from "drizzle-orm";
import type { Db } from "./client";

/** Rows of a hand-written statement, through whatever driver or transaction `db` is. The caller names the row type. */
export async function rows<T extends Record<string, unknown>>(db: Db, statement: SQL): Promise<T[]> {
  const result: unknown = await db.execute(statement);
  return (result as { rows: T[] }).rows;
}

/** Drivers hand over timestamps as Date or text; people and APIs get ISO 8601. */
export const iso = (value: Date | string): string => new Date(value).toISOString();
export const isoOrNull = (value: Date | string | null): string | null => (value === null ? null : iso(value));
