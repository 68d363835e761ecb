import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, wordChecks } from "@/db/columns";
import { retentionKinds } from "@/lib/words";

/** No foreign keys to rows that messages share, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/** How far retention has come in a project: what has a smaller id went, or stands among those that were left. */
export const retentionCursors = pgTable(
  "retention_cursors",
  {
    projectId: projectId(),
    kind: text("kind", { enum: retentionKinds }).notNull(),
    cursor: uuid("cursor").notNull(),
    /** When the last days before the cursor were walked through once more. */
    walkedAgainAt: instant("walked_again_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.kind] }), ...wordChecks(t.kind)],
);

/** What retention came by and left: it was unfinished, in use, or failed and is kept for longer. Looked at again. */
export const retentionLeft = pgTable(
  "retention_left",
  {
    projectId: projectId(),
    kind: text("kind", { enum: retentionKinds }).notNull(),
    itemId: uuid("item_id").notNull(),
    /** When it is looked at again. */
    lookAt: instant("look_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.kind, t.itemId] }), // what is left once
    index("retention_left_due").on(t.projectId, t.kind, t.lookAt), // what is to be looked at now
    ...wordChecks(t.kind),
  ],
);

/**
 * Up to where a project's logs have gone as a whole, by the days (UTC) on which they did: of a step that has ended and whose own
 * and whose run's id is smaller, nothing of its log is shown any more. Its lines go with their partition, or later.
 */
export const logsGone = pgTable(
  "logs_gone",
  {
    projectId: projectId(),
    before: uuid("before").notNull(),
    at: instant("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.before] })], // when a step's log went
);
