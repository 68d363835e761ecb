import { getTableColumns, getTableName, is, sql } from "drizzle-orm";
import { type AnyPgColumn, check, customType, PgArray, timestamp, uuid } from "drizzle-orm/pg-core";
import { stringifyExact } from "@/lib/exact-json";
import { sqlJson, sqlJsonText } from "@/lib/sql-json";

/** Time-ordered primary key (UUIDv7), made by the database when the caller does not bring one. */
export const timeOrderedId = () => uuid("id").primaryKey().default(sql`uuid_v7()`);

/** Primary key chosen by the client, as OpenFn's project contract wants for everything in the graph: see `taken_ids`. */
export const clientId = () => uuid("id").primaryKey().defaultRandom();

/** `timestamptz` read and written as a Date (millisecond precision). */
export const instant = (name: string) => timestamp(name, { withTimezone: true });

export const createdAt = () => instant("created_at").notNull().defaultNow();
export const updatedAt = () => instant("updated_at").notNull().defaultNow();

/** Raw bytes. Both drivers return a Buffer for `bytea`. */
export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value),
});

/** JSON of any value. What jsonb cannot hold of it is replaced (lib/sql-json.ts), so that nothing is refused. */
export const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => sqlJson(value),
});

/**
 * The same with every number as it was written (lib/exact-json.ts). PostgreSQL keeps decimals exactly; who reads them as
 * JavaScript's numbers does not, so they are read as text.
 */
export const exactJsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => sqlJsonText(stringifyExact(value)),
});

/** The CHECK constraints of a column's table: a column declared with a list of words (`enum`), or an array of them, holds no other. Spread into its extras. */
export function wordChecks({ table }: AnyPgColumn) {
  return Object.values(getTableColumns(table)).flatMap((one) => {
    const { name } = one;
    const isArray = is(one, PgArray);
    const words = isArray ? one.baseColumn.enumValues : one.enumValues;
    if (!words?.length) return [];
    const list = sql.raw(words.map((word) => `'${word}'`).join(", "));
    const column = sql.identifier(name);
    const isKnown = isArray ? sql`${column} <@ array[${list}]` : sql`${column} in (${list})`;
    return [check(`${getTableName(table)}_${name}_word`, isKnown)];
  });
}
