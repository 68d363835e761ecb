import { type SQL, sql } from "drizzle-orm";
import type { Db } from "./client";

/** Rows of a hand-written statement, through whatever driver or transaction `db` is. The caller names the row type. */
export async function rows<T extends Record<string, unknown>>(db: Db, statement: SQL): Promise<T[]> {
  const result: unknown = await db.execute(statement);
  return (result as { rows: T[] }).rows;
}

/** Drivers hand over timestamps as Date or text; people and APIs get ISO 8601. */
export const iso = (value: Date | string): string => new Date(value).toISOString();
export const isoOrNull = (value: Date | string | null): string | null => (value === null ? null : iso(value));

/** A transaction of Drizzle's as what hand-written statements with numbered parameters are sent through. */
export const queryOf =
  (db: Db) =>
  <T extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> =>
    rows<T>(db, numbered(text, values));

/** `$1` and so on as Drizzle's parameters. A text with a literal `$1` in it cannot be sent so. */
function numbered(text: string, values: unknown[]): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(
    parts.map((part, i) => (i % 2 === 0 ? sql.raw(part) : sql.param(values[Number(part) - 1]))),
  );
}
