import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, exactJsonb, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import type { DraftGraph } from "@/lib/editor/graph";
import { exitReasons, testInputs, testModes, testSources, testStates } from "@/lib/words";
import { drafts } from "./drafts";

/** No foreign key to the project, see messages.ts: it is the draft's. */
const projectId = () => uuid("project_id").notNull();

/** How a draft is tested by itself: whether its test URL is open, and whether the clock is followed. */
export const draftTests = pgTable(
  "draft_tests",
  {
    draftId: uuid("draft_id")
      .primaryKey()
      .references(() => drafts.id, { onDelete: "cascade" }),
    projectId: projectId(),
    /** How tests are made that nobody asks for one by one. */
    mode: text("mode", { enum: testModes }).notNull().default("record"),
    /** Until when its URL takes requests; null while it was never opened, or is closed. */
    openUntil: instant("open_until"),
    /** Until when its cron triggers are followed. */
    scheduleUntil: instant("schedule_until"),
    /** Up to when they were looked at. */
    scheduleSeen: instant("schedule_seen"),
    /** Digest of the code that the record has of it already. */
    recordedCode: text("recorded_code"),
  },
  (t) => [
    index("draft_tests_project").on(t.projectId, t.draftId), // deleting a project
    index("draft_tests_schedule").on(t.scheduleUntil).where(sql`schedule_until is not null`), // the clock
    ...wordChecks(t.mode),
  ],
);

/**
 * A draft that is tried, apart from everything that is live: no run, no work order, no job state, so that nothing that
 * counts or follows those can see it. It goes with its draft, and after a week.
 */
export const testRuns = pgTable(
  "test_runs",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    draftId: uuid("draft_id")
      .notNull()
      .references(() => drafts.id, { onDelete: "cascade" }),
    /** Of the draft, when the test was asked for. */
    revision: integer("revision").notNull(),
    source: text("source", { enum: testSources }).notNull(),
    mode: text("mode", { enum: testModes }).notNull(),
    state: text("state", { enum: testStates }).notNull().default("waiting"),
    startTriggerId: uuid("start_trigger_id"),
    startJobId: uuid("start_job_id"),
    /** That job and no other. */
    isAlone: boolean("is_alone").notNull().default(false),
    inputOf: text("input_of", { enum: testInputs }).notNull(),
    messageId: uuid("message_id"),
    dataclipId: uuid("dataclip_id"),
    stepId: uuid("step_id"),
    /** Of a state that somebody brought: JSON text, redacted. */
    input: text("input"),
    /** What is run; null once it has ended. */
    graph: exactJsonb("graph").$type<DraftGraph>(),
    /** Job id → the exact version of its adaptor, null where it could not be had. Null: whoever runs it asks. */
    pins: jsonb("pins").$type<Record<string, string | null>>(),
    /** What could not be run, or was cut, and why. */
    notes: jsonb("notes").$type<{ item: string; itemId: string | null; message: string }[]>(),
    errorType: text("error_type"),
    errorMessage: text("error_message"),
    /** Whoever runs it: what is said under another claim changes nothing. */
    claim: uuid("claim"),
    beatAt: instant("beat_at"),
    cancelRequestedAt: instant("cancel_requested_at"),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    index("test_runs_draft").on(t.draftId, t.id), // a draft's tests, newest first; deleting a draft
    index("test_runs_project").on(t.projectId, t.id), // looking for a person; deleting a project
    index("test_runs_message").on(t.messageId).where(sql`message_id is not null`), // the receipt; wiping a message
    index("test_runs_waiting").on(t.projectId, t.id).where(sql`state = 'waiting'`), // how many wait
    index("test_runs_unfinished").on(t.id).where(sql`finished_at is null`), // what nobody runs
    ...wordChecks(t.state),
  ],
);

/** One job of a test: what it was given and what it came to, as it may be shown. */
export const testSteps = pgTable(
  "test_steps",
  {
    testRunId: uuid("test_run_id")
      .notNull()
      .references(() => testRuns.id, { onDelete: "cascade" }),
    ordinal: integer("ordinal").notNull(),
    projectId: projectId(),
    jobId: uuid("job_id").notNull(),
    jobName: text("job_name").notNull(),
    /** The step whose output it began with; null = the test's input. */
    follows: integer("follows"),
    /** Null while it runs. */
    reason: text("reason", { enum: exitReasons }),
    errorType: text("error_type"),
    /** JSON text: input, output, error, logs, requests, connections. Never a credential's value. */
    content: text("content"),
    /** Something of it was too much, or is not kept in this project. */
    isCut: boolean("is_cut").notNull().default(false),
    takenEdges: uuid("taken_edges").array(),
    durationMs: integer("duration_ms"),
    startedAt: instant("started_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.testRunId, t.ordinal] }), // a test with its steps
    ...wordChecks(t.reason),
  ],
);
