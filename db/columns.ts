import { sql } from "drizzle-orm";
import { customType, timestamp, uuid } from "drizzle-orm/pg-core";

/** Time-ordered primary key (UUIDv7), made by the database when the caller does not bring one. */
export const timeOrderedId = () => uuid("id").primaryKey().default(sql`uuid_v7()`);

/** Primary key chosen by the client, as OpenFn's project contract wants for everything in the graph. */
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
