import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, wordChecks } from "@/db/columns";
import { endWords } from "@/lib/words";
import { projects } from "./projects";
import { users } from "./users";

const projectId = () =>
  uuid("project_id")
    .notNull()
    .references(() => projects.id, { onDelete: "cascade" });

const counter = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/**
 * What a project started on a day (UTC), as far as it has been counted: runs and work orders with an id below
 * `usage_counted.counted_to`. Whoever wants to know more counts the rest from there on (lib/plan). What came and was kept
 * on the day is counted later, up to `bytes_to` (lib/domain/usage/count-bytes.ts), and what went on it when it goes.
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
    /** Of what came on the day: messages, and bytes of their bodies, of states that were stored, and of lines of logs. */
    messages: counter("messages"),
    bodyBytes: counter("body_bytes"),
    stateBytes: counter("state_bytes"),
    logBytes: counter("log_bytes"),
    /** Of what went on it, whenever it had come: what was wiped or deleted, and those bytes of it that had been counted. */
    goneMessages: counter("gone_messages"),
    goneStates: counter("gone_states"),
    goneLogs: counter("gone_logs"),
    goneRuns: counter("gone_runs"),
    goneBodyBytes: counter("gone_body_bytes"),
    goneStateBytes: counter("gone_state_bytes"),
    goneLogBytes: counter("gone_log_bytes"),
    /** The record says what went. */
    isTold: boolean("is_told").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.day] })], // a month of a project, and its months
);

/** How far everybody's runs have been counted: one row. */
export const usageCounted = pgTable(
  "usage_counted",
  {
    isOnly: boolean("is_only").primaryKey().default(true),
    countedTo: uuid("counted_to").notNull(),
    bytesTo: uuid("bytes_to").notNull().default("00000000-0000-0000-0000-000000000000"),
    /** Since when every end of a run or step is counted (`end_counts`); null until it is. */
    endsSince: instant("ends_since"),
  },
  () => [check("usage_counted_only", sql`is_only`)],
);

/**
 * How many runs of a workflow, and steps of its jobs, ended so in an hour. The database counts them in the statement that ends
 * them (`count_ended_runs`, `count_ended_steps`), whoever carries it out. What retention deletes stays counted. Of a project
 * that is gone no row stays; it is not pointed at, as in messages.ts.
 */
export const endCounts = pgTable(
  "end_counts",
  {
    projectId: uuid("project_id").notNull(),
    workflowId: uuid("workflow_id").notNull(),
    /** Of runs, 0. */
    jobId: uuid("job_id").notNull(),
    hour: instant("hour").notNull(),
    outcome: text("outcome", { enum: endWords }).notNull(),
    /**
     * Whose row it is: a connection's, so that nobody waits for another; of an hour that is over 0, all of them together; of a
     * day (UTC) that is long over -1, all of its hours, which stand at its first.
     */
    slot: integer("slot").notNull(),
    count: integer("count").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.workflowId, t.jobId, t.hour, t.outcome, t.slot] }), // hours of a workflow or job
    index("end_counts_apart").on(t.hour).where(sql`slot > 0`), // what is to be put together by hour
    index("end_counts_hours").on(t.hour).where(sql`slot = 0`), // and later by day
    ...wordChecks(t.outcome),
  ],
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
