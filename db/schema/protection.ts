import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, timeOrderedId } from "@/db/columns";
import { projects } from "./projects";
import { users } from "./users";

/** What somebody for whom it is masked has seen all the same, and why they say that they had to. */
export const reveals = pgTable(
  "reveals",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The message, or the work order of runs that have none. No foreign keys: nothing waits for a message's row. */
    messageId: uuid("message_id"),
    workOrderId: uuid("work_order_id"),
    reason: text("reason").notNull(),
    createdAt: createdAt(),
    /** From when on it is masked again. */
    endsAt: instant("ends_at").notNull(),
  },
  (t) => [
    index("reveals_person").on(t.projectId, t.userId, t.endsAt), // what of a project somebody may see just now
    index("reveals_message").on(t.projectId, t.messageId, t.id).where(sql`message_id is not null`), // the receipt
    index("reveals_work_order").on(t.projectId, t.workOrderId, t.id).where(sql`work_order_id is not null`), // the run
    index("reveals_user").on(t.userId), // deleting a user
    check("reveals_one_subject", sql`num_nonnulls(message_id, work_order_id) = 1`),
  ],
);
