import { sql } from "drizzle-orm";
import { date, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, timeOrderedId, wordChecks } from "@/db/columns";
import { issueStates, toldStatuses } from "@/lib/words";

/** No foreign keys to rows that messages share, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/** Failures of one cause: of one job (or of none), with one type of error and one folded message. */
export const issues = pgTable(
  "issues",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id").notNull(),
    /** Null: the run ended so without a job. */
    jobId: uuid("job_id"),
    jobName: text("job_name"),
    errorType: text("error_type").notNull(),
    /** The error's message, folded. It may name what a mask hides: show it as lib/domain/issue/read.ts does. */
    title: text("title").notNull(),
    /** What failures are told apart by (lib/domain/issue/fingerprint.ts). */
    fingerprint: text("fingerprint").notNull(),
    state: text("state", { enum: issueStates }).notNull().default("open"),
    /** How the newest of its runs ended. */
    runState: text("run_state", { enum: toldStatuses }).notNull(),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    /** Made anew whenever a failure is added: lists page by it, the newest failure first. */
    seenId: uuid("seen_id").notNull().default(sql`uuid_v7()`),
    count: integer("count").notNull().default(0),
    /** Whose failure gave it its title. */
    firstMessageId: uuid("first_message_id"),
    firstWorkOrderId: uuid("first_work_order_id"),
    lastRunId: uuid("last_run_id").notNull(),
    lastStepId: uuid("last_step_id"),
    /** Who said how it stands, and since when; without a label it came by itself. */
    changedBy: uuid("changed_by"),
    changedByLabel: text("changed_by_label"),
    changedAt: instant("changed_at").notNull().defaultNow(),
    /** An ignored one is open again from this moment on, or with so many failures in all; with neither never. */
    ignoredUntil: instant("ignored_until"),
    ignoredUntilCount: integer("ignored_until_count"),
    /** How often it was open again after it had been resolved or ignored, and which of these people were told. */
    returned: integer("returned").notNull().default(0),
    toldReturned: integer("told_returned").notNull().default(0),
    /** When people were told last, and how many failures there were then. */
    toldAt: instant("told_at"),
    toldCount: integer("told_count"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("issues_fingerprint").on(t.projectId, t.fingerprint), // one of a cause
    index("issues_project").on(t.projectId, t.seenId), // the list
    index("issues_state").on(t.projectId, t.state, t.seenId), // the list by state, and how many are open
    index("issues_workflow").on(t.workflowId, t.seenId), // the list by workflow, and how many a job has
    index("issues_ignored").on(t.ignoredUntil).where(sql`state = 'ignored' and ignored_until is not null`), // whose time is over
    ...wordChecks(t.state),
  ],
);

/** Work orders that an issue affects. */
export const issueOrders = pgTable(
  "issue_orders",
  {
    issueId: uuid("issue_id")
      .notNull()
      .references(() => issues.id, { onDelete: "cascade" }),
    workOrderId: uuid("work_order_id").notNull(),
    projectId: projectId(),
    messageId: uuid("message_id"),
    /** The newest failure. */
    runId: uuid("run_id").notNull(),
    stepId: uuid("step_id"),
    times: integer("times").notNull().default(1),
    failedAt: instant("failed_at").notNull(),
    /** When it was seen to have succeeded since. */
    healedAt: instant("healed_at"),
  },
  (t) => [
    primaryKey({ columns: [t.issueId, t.workOrderId] }), // an issue's, in order
    index("issue_orders_unhealed").on(t.issueId, t.workOrderId).where(sql`healed_at is null`), // what is to be rerun, and whether nothing is left
    index("issue_orders_work_order").on(t.workOrderId), // a work order's issues
    index("issue_orders_message").on(t.messageId).where(sql`message_id is not null`), // a message's issues
    index("issue_orders_project").on(t.projectId), // deleting a project
  ],
);

/** How many failures an issue had on a day (UTC): its trend. */
export const issueDays = pgTable(
  "issue_days",
  {
    issueId: uuid("issue_id")
      .notNull()
      .references(() => issues.id, { onDelete: "cascade" }),
    day: date("day", { mode: "string" }).notNull(),
    projectId: projectId(),
    count: integer("count").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.issueId, t.day] }), // an issue's days
    index("issue_days_project").on(t.projectId), // deleting a project
  ],
);
