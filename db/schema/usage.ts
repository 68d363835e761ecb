import { sql } from "drizzle-orm";
import { boolean, check, date, index, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { instant } from "@/db/columns";
import { projects } from "./projects";
import { users } from "./users";

const projectId = () =>
  uuid("project_id")
    .notNull()
    .references(() => projects.id, { onDelete: "cascade" });

/**
 * What a project started on a day (UTC), as far as it has been counted: runs and work orders with an id below
 * `usage_counted.counted_to`. Whoever wants to know more counts the rest from there on (lib/plan).
 */
export const usageDays = pgTable(
  "usage_days",
  {
    projectId: projectId(),
    day: date("day", { mode: "string" }).notNull(),
    runs: integer("runs").notNull().default(0),
    /** Work orders that the plan kept from running, also those that were released later. */
    rejected: integer("rejected").notNull().default(0),
    /** Turns of cron triggers that the plan let pass. */
    skipped: integer("skipped").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.day] })], // a month of a project, and its months
);

/** How far everybody's runs have been counted: one row. */
export const usageCounted = pgTable(
  "usage_counted",
  { isOnly: boolean("is_only").primaryKey().default(true), countedTo: uuid("counted_to").notNull() },
  () => [check("usage_counted_only", sql`is_only`)],
);

/** Whom to tell, or who was told, that so many percent of a project's runs of a month are used up. */
export const planNotices = pgTable(
  "plan_notices",
  {
    projectId: projectId(),
    month: date("month", { mode: "string" }).notNull(),
    percent: integer("percent").notNull(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Somebody is about to send it, or was; after a while somebody else may. */
    claimedAt: instant("claimed_at"),
    toldAt: instant("told_at"),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.month, t.percent, t.userId] }), // once each
    index("plan_notices_untold").on(t.claimedAt).where(sql`told_at is null`), // what is to be sent
    index("plan_notices_user").on(t.userId), // deleting a user
  ],
);
