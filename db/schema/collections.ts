import { sql } from "drizzle-orm";
import {
  bigint,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { clientId, createdAt, updatedAt } from "@/db/columns";
import { projects } from "./projects";

/** Text in the order of its bytes: one index finds a key, and the keys that begin alike. */
const byteOrderedText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/** A project's store of keys and values, which its jobs and API clients read and write (OpenFn's collections). */
export const collections = pgTable(
  "collections",
  {
    id: clientId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** What its items name. Who empties it gives it another, and those of the old one are deleted later. */
    contentsId: uuid("contents_id").notNull().defaultRandom(),
    /** Of its items: kept with each change of them, because their bounds are exact. */
    items: integer("items").notNull().default(0),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("collections_name").on(t.projectId, t.name), // a project's collections; one by its name
    index("collections_called").on(t.name), // one by its name alone, as OpenFn's clients ask
    uniqueIndex("collections_contents").on(t.contentsId), // whose an item is
  ],
);

/**
 * No foreign keys: they would be looked up for each of a thousand items, and contents outlive their collection until they
 * are deleted batch by batch.
 */
export const collectionItems = pgTable(
  "collection_items",
  {
    /** In the order in which items were added. */
    id: uuid("id").notNull().default(sql`uuid_v7()`),
    projectId: uuid("project_id").notNull(),
    contentsId: uuid("contents_id").notNull(),
    key: byteOrderedText("key").notNull(),
    value: text("value").notNull(),
    /** Of both, as UTF-8. */
    bytes: integer("bytes").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("collection_items_key").on(t.contentsId, t.key), // one item, and those whose keys begin alike
    index("collection_items_order").on(t.contentsId, t.id), // a collection's items; deleting them
    primaryKey({ columns: [t.projectId, t.id] }), // one person's data; deleting a project
  ],
);

/** Contents that belong to no collection any more. */
export const emptiedCollections = pgTable(
  "emptied_collections",
  {
    contentsId: uuid("contents_id").primaryKey(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [index("emptied_collections_project").on(t.projectId)], // deleting a project
);
