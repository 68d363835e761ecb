import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** Says whether a key of a query stands for several: `*` is any text, none included. */
export const isPattern = (key: string): boolean => key.includes("*");

/** A pattern for LIKE: `*` is any text, and every other character itself. */
export const likePattern = (key: string): string => key.replace(/[\\%_]/g, "\\$&").replace(/\*+/g, "%");

/** The condition on a column of keys; one that an index over it in the order of bytes answers by how the pattern begins. */
export const matches = (column: SQLWrapper, key: string): SQL =>
  isPattern(key) ? sql`${column} like ${likePattern(key)}` : sql`${column} = ${key}`;
