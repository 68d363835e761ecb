import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, timeOrderedId } from "@/db/columns";

/** No foreign keys, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/**
 * What lies apart, in S3-compatible storage (lib/payloads): one object for each content of a project. The row is there before the
 * object and goes after it, so that no object is ever without one.
 */
export const payloads = pgTable(
  "payloads",
  {
    /** Part of the object's name: the same content that is stored anew has another one. */
    id: timeOrderedId(),
    projectId: projectId(),
    /** Keyed with the project's, so that it tells nobody else what it is of. */
    digest: bytes("digest").notNull(),
    /** The object's own key: an envelope (lib/crypto/envelope.ts). Without it the object says nothing to anybody. */
    sealedKey: text("sealed_key").notNull(),
    /** Bytes of the content. */
    size: integer("size").notNull(),
    /** When somebody last began to store it. */
    touchedAt: instant("touched_at").notNull().defaultNow(),
    /** Since when the object is there and something refers to it; null: nothing ever has. */
    storedAt: instant("stored_at"),
    /** Since when nothing refers to it, and nothing may any more: the object is to be deleted, then the row. */
    doomedAt: instant("doomed_at"),
  },
  (t) => [
    uniqueIndex("payloads_content").on(t.projectId, t.digest).where(sql`doomed_at is null`), // whether it is there
    index("payloads_project").on(t.projectId, t.id), // reading; purging a project
    index("payloads_unstored").on(t.touchedAt).where(sql`stored_at is null and doomed_at is null`), // what was begun only
    index("payloads_doomed").on(t.doomedAt).where(sql`doomed_at is not null`), // what is to be deleted
  ],
);

/** What the bucket is marked with that this database's payloads lie in (lib/payloads/home.ts): one row. */
export const payloadsHome = pgTable("payloads_home", { id: uuid("id").primaryKey().defaultRandom() });

/** That something no longer refers to a payload: a trigger writes it, whoever wiped or deleted that. Looked at each minute. */
export const payloadsLeft = pgTable(
  "payloads_left",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    payloadId: uuid("payload_id").notNull(),
  },
  (t) => [index("payloads_left_project").on(t.projectId, t.id)], // purging a project
);
