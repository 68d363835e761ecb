import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  pgSequence,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import { headStartOf } from "@/lib/queue/events";
import {
  exitReasons,
  logLevels,
  logSources,
  outboxEvents,
  priorities,
  rejectionCauses,
  runStates,
  toldStatuses,
  waitReasons,
  wipedForWords,
} from "@/lib/words";
import { runSetInfo } from "@/lib/workflow/outcome";
import type { Connection, StepError } from "@/lib/workflow/types";

/** No foreign keys to rows that messages share, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/** The rows of a set of lib/workflow/outcome.ts, and no others: what a filter by it reads. */
const only = (set: keyof typeof runSetInfo) => sql.raw(runSetInfo[set].sql());

const isRejected = sql`listed_state = 'rejected'`;
const isUncollected = sql.raw(
  `state in (${toldStatuses.map((state) => `'${state}'`).join(", ")}) and issue_id is null`,
);

/** "Do this workflow for this input." Its state is that of its last run. */
export const workOrders = pgTable(
  "work_orders",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id").notNull(),
    snapshotId: uuid("snapshot_id").notNull(),
    triggerId: uuid("trigger_id"),
    /** The input: a message, else a dataclip (cron, manual). */
    messageId: uuid("message_id"),
    dataclipId: uuid("dataclip_id"),
    /** The step, of a run of another work order, whose end started it (flow and catch triggers). */
    causedByStepId: uuid("caused_by_step_id"),
    state: text("state", { enum: runStates }).notNull().default("pending"),
    /** Of the run that gave it its state. */
    stepFailed: boolean("step_failed").notNull().default(false),
    /** What of the project's plan kept it from running when it came. Stays when it is released. */
    rejectedFor: text("rejected_for", { enum: rejectionCauses }),
    /** It is affected by an issue that is not known to be over for it (lib/domain/issue). */
    hasIssue: boolean("has_issue").notNull().default(false),
    /**
     * Its state where a list has those alone: what ended unsuccessfully or was rejected, what the clock started and has not
     * ended, what succeeded and has an issue. Null of all others, which most are, so that what changes them touches no
     * index. The database keeps it (`list_work_order`).
     */
    listedState: text("listed_state"),
    createdAt: createdAt(),
    lastActivity: instant("last_activity").notNull().defaultNow(),
  },
  (t) => [
    index("work_orders_message").on(t.messageId), // work orders of a page of messages
    index("work_orders_project").on(t.projectId, t.id), // history
    // `state` is in none of them, nor in what they are about: see `listedState`
    index("work_orders_busy") // whether a cron trigger's run before has ended; no message's work order is in it
      .on(t.triggerId)
      .where(sql`listed_state in ('pending', 'running')`),
    index("work_orders_workflow").on(t.workflowId, t.id), // a workflow's last states
    index("work_orders_failed") // inbox: not successful
      .on(t.projectId, t.messageId)
      .where(sql.raw(runSetInfo.unsuccessful.sql(() => "listed_state"))),
    // what a plan keeps from running: activity history of the project and of a workflow, inbox, and counting them
    index("work_orders_refused").on(t.projectId, t.id).where(isRejected),
    index("work_orders_workflow_refused").on(t.workflowId, t.id).where(isRejected),
    index("work_orders_message_refused").on(t.projectId, t.messageId).where(isRejected),
    index("work_orders_rejections").on(t.id).where(sql`rejected_for is not null`),
    // who else needs a state that is about to be wiped; no message's work order is in it
    index("work_orders_dataclip").on(t.dataclipId).where(sql`dataclip_id is not null`),
    index("work_orders_caused").on(t.causedByStepId).where(sql`caused_by_step_id is not null`), // what a step started
    index("work_orders_mended").on(t.projectId, t.id).where(sql`listed_state = 'success'`), // what an issue no longer affects
    ...wordChecks(t.state),
  ],
);

/** One attempt at a work order. */
export const runs = pgTable(
  "runs",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id").notNull(),
    workOrderId: uuid("work_order_id")
      .notNull()
      .references(() => workOrders.id, { onDelete: "cascade" }),
    messageId: uuid("message_id"),
    snapshotId: uuid("snapshot_id").notNull(),
    state: text("state", { enum: runStates }).notNull().default("pending"),
    /** One of its own steps ended with anything but success. */
    stepFailed: boolean("step_failed").notNull().default(false),
    priority: text("priority", { enum: priorities }).notNull().default("normal"),
    /** Where it starts: the trigger, or one job (rerun of one job, manual run). Exactly one is set. */
    startingTriggerId: uuid("starting_trigger_id"),
    startingJobId: uuid("starting_job_id"),
    /** Edges taken after the trigger, where expressions decided: ids, written once when the run is opened. */
    startingEdges: jsonb("starting_edges").$type<string[]>(),
    /** Input of the starting node; null = the work order's message. */
    dataclipId: uuid("dataclip_id"),
    createdBy: uuid("created_by"),
    /** The bulk act that queued it. */
    bulkActId: uuid("bulk_act_id"),
    errorType: text("error_type"),
    errorMessage: text("error_message"),
    createdAt: createdAt(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    cancelRequestedAt: instant("cancel_requested_at"),
    cancelledBy: uuid("cancelled_by"),
    /** Who executes it; raised epochs tell apart whoever had it before (lib/execution). */
    executorId: uuid("executor_id"),
    epoch: integer("epoch").notNull().default(0),
    /** How often it was handed back to the queue because nobody executed it. */
    askedAgain: integer("asked_again").notNull().default(0),
    handedBackAt: instant("handed_back_at"),
    /** It waits on purpose until then, for the next attempt of a step, and nobody executes it meanwhile. */
    retryAt: instant("retry_at"),
    /** Its line: runs of one workflow with one key follow each other. Null = it has none. */
    orderKey: text("order_key"),
    /** Why it must not start yet: it is pending, and not asked for (lib/queue/lines.ts). Null = nothing is in its way. */
    waitsFor: text("waits_for", { enum: waitReasons }),
    /** The issue that its failure is part of; null until it has been collected (lib/domain/issue). */
    issueId: uuid("issue_id"),
  },
  (t) => [
    index("runs_activity").on(t.projectId, t.id), // activity history
    index("runs_state").on(t.projectId, t.state, t.id), // activity history by state
    index("runs_workflow").on(t.workflowId, t.id), // activity history by workflow
    // activity history by set, of the project and of one workflow; small, because most runs are in none
    index("runs_step_failed").on(t.projectId, t.id).where(only("step_failed")),
    index("runs_handled").on(t.projectId, t.id).where(only("handled")),
    index("runs_unsuccessful").on(t.projectId, t.id).where(only("unsuccessful")),
    index("runs_workflow_step_failed").on(t.workflowId, t.id).where(only("step_failed")),
    index("runs_workflow_handled").on(t.workflowId, t.id).where(only("handled")),
    index("runs_workflow_unsuccessful").on(t.workflowId, t.id).where(only("unsuccessful")),
    index("runs_work_order").on(t.workOrderId), // attempts of a work order; those of a message by its work orders
    // what a bulk act queued, by how it went; most runs are in none
    index("runs_bulk_act").on(t.bulkActId, t.state, t.id).where(sql`bulk_act_id is not null`),
    // the sweeper; apart, so that neither seems to serve a statement about one run that has not ended
    index("runs_executed").on(t.executorId).where(sql`state = 'running'`), // what an executor should have in hand
    index("runs_asked").on(t.projectId, t.id).where(sql`state = 'pending' and waits_for is null`), // what engines should have queued
    index("runs_held")
      .on(t.projectId, t.workflowId, t.id)
      .where(sql`state = 'pending' and waits_for = 'resume' and order_key is null`), // resuming
    // a line: who is next, and the invariant itself: never two of one key
    index("runs_line")
      .on(t.projectId, t.workflowId, t.orderKey, t.id)
      .where(sql`order_key is not null and state in ('pending', 'running')`),
    uniqueIndex("runs_one_of_line")
      .on(t.projectId, t.workflowId, t.orderKey)
      .where(sql`order_key is not null and waits_for is null and state in ('pending', 'running')`),
    index("runs_uncollected").on(t.projectId, t.id).where(isUncollected), // failures that no issue counts yet
    ...wordChecks(t.state),
  ],
);

/**
 * One job's execution in a run. The row is written before the job starts: a second delivery of the same attempt finds
 * it (`steps_fence`) and does not run the job again.
 */
export const steps = pgTable(
  "steps",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    workflowId: uuid("workflow_id").notNull(),
    messageId: uuid("message_id"),
    jobId: uuid("job_id").notNull(),
    jobName: text("job_name").notNull(),
    adaptor: text("adaptor").notNull(),
    credentialName: text("credential_name"),
    /** Place in the run's walk, from 0. */
    ordinal: integer("ordinal").notNull(),
    /** Place of the step whose output is this one's input; null for one that the run began with. */
    follows: integer("follows"),
    /** null = the run's own input. */
    inputDataclipId: uuid("input_dataclip_id"),
    outputDataclipId: uuid("output_dataclip_id"),
    exitReason: text("exit_reason", { enum: exitReasons }),
    /** It failed, and another step of the run was started because of it. */
    handled: boolean("handled").notNull().default(false),
    errorType: text("error_type"),
    errorMessage: text("error_message"),
    error: jsonb("error").$type<StepError>(),
    /** Edges taken after this step, decided once: ids. */
    takenEdges: jsonb("taken_edges").$type<string[]>(),
    connections: jsonb("connections").$type<Connection[]>(),
    durationMs: doublePrecision("duration_ms"),
    peakMemoryMb: doublePrecision("peak_memory_mb"),
    /**
     * What its `state.webhookResponse` says to answer a sender who waits (lib/workflow/webhook-response.ts). A null body: it
     * says nothing; an empty one: it says no body.
     */
    replyStatus: integer("reply_status"),
    replyBody: text("reply_body"),
    logLines: integer("log_lines").notNull().default(0),
    /** Of the executor that runs it: an older one's word does not count. */
    epoch: integer("epoch").notNull().default(0),
    /** The life of a runner that it is given to, written before anything is sent. */
    runnerId: uuid("runner_id"),
    /** How often it was done again after an end that was ours and had done nothing outside. */
    repeats: integer("repeats").notNull().default(0),
    /** Which of the attempts of the job's retry policy this is, or will be once `retryAt` is over; from 1. */
    attempt: integer("attempt").notNull().default(1),
    /** What runners know a later attempt by, made when it begins; the first one has the step's own id. */
    attemptId: uuid("attempt_id"),
    /** When a later attempt began. */
    attemptedAt: instant("attempted_at"),
    /** No runner has it: the next attempt begins then. */
    retryAt: instant("retry_at"),
    startedAt: instant("started_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
    /** Since when its log, and what its errors say beyond their types, are gone; `logLines` says how long the log was. Null where `logs_gone` says it. */
    wipedAt: instant("wiped_at"),
    wipedFor: text("wiped_for", { enum: wipedForWords }),
  },
  (t) => [
    uniqueIndex("steps_fence").on(t.runId, t.ordinal), // the fence, and a run's steps in order
    index("steps_message").on(t.messageId, t.jobId), // the inspector's timeline; the 10-second rule
    index("steps_job").on(t.jobId, t.id), // a job's last states and inputs
    ...wordChecks(t.exitReason),
  ],
);

/** Attempts of a step that failed and were followed by another; how the last one ended is the step's own. */
export const stepAttempts = pgTable(
  "step_attempts",
  {
    stepId: uuid("step_id")
      .notNull()
      .references(() => steps.id, { onDelete: "cascade" }),
    attempt: integer("attempt").notNull(),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at").notNull(),
    exitReason: text("exit_reason", { enum: exitReasons }).notNull(),
    errorType: text("error_type"),
    errorMessage: text("error_message"),
    error: jsonb("error").$type<StepError>(),
    connections: jsonb("connections").$type<Connection[]>(),
    durationMs: doublePrecision("duration_ms"),
    /** Lines of the step's log up to its end. */
    logLines: integer("log_lines").notNull(),
    /** When the next one was to begin. */
    waitsUntil: instant("waits_until").notNull(),
  },
  (t) => [primaryKey({ columns: [t.stepId, t.attempt] }), ...wordChecks(t.exitReason)], // a step's attempts, in order
);

/** Steps of earlier runs that a rerun counts as its own, upstream of where it starts. */
export const runSteps = pgTable(
  "run_steps",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id, { onDelete: "cascade" }),
    stepId: uuid("step_id")
      .notNull()
      .references(() => steps.id, { onDelete: "cascade" }),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.stepId] }),
    index("run_steps_step").on(t.stepId), // deleting a step
  ],
);

/**
 * `seq` counts from 0 within a step; writing a line twice is harmless. Partitioned by the step's id (lib/domain/partition), so
 * without a foreign key: whoever writes holds the step, and a trigger of `steps` deletes the lines of one that goes.
 */
export const logLines = pgTable(
  "log_lines",
  {
    stepId: uuid("step_id").notNull(),
    seq: integer("seq").notNull(),
    at: instant("at").notNull(),
    level: text("level", { enum: logLevels }).notNull(),
    source: text("source", { enum: logSources }).notNull(),
    message: text("message").notNull(),
  },
  (t) => [primaryKey({ columns: [t.stepId, t.seq] }), ...wordChecks(t.level)], // a step's log, in order
);

/** Counts what is written to or deleted from partitions of lines that are about to be dropped (lib/domain/partition/drop.ts). */
export const lineTouches = pgSequence("line_touches");

/** Rows of runs that wait for nothing but a place: what engines claim from (inngest/lane). */
const waitsForPlace = sql`event = 'run/requested' and held_by is null and not_before is null`;

/**
 * What is to be handed to whoever drives functions, written in the transaction that asks for it. In the embedded engine a
 * run's row is its delivery, too: an engine holds it while it executes the run, and deletes it when that is done.
 */
export const outbox = pgTable(
  "outbox",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    /** Whose turn it is in; null in events that are nobody's. */
    projectId: uuid("project_id"),
    event: text("event", { enum: outboxEvents }).notNull(),
    /** Ids only, never payloads. */
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    createdAt: createdAt(),
    /** Of a run: its workflow, whose limit counts. */
    workflowId: uuid("workflow_id").generatedAlwaysAs(
      sql`case when event = 'run/requested' then (data->>'workflowId')::uuid end`,
    ),
    /** Of a run: seconds by which it goes ahead of others, one of `headStarts`. */
    headStart: integer("head_start").generatedAlwaysAs(sql.raw(headStartOf("data"))),
    /** The engine (durable.engine) that has the run in hand; null while it waits. */
    heldBy: text("held_by"),
    /** In which order rows came to be held: of one project, nobody can hold an earlier one later. */
    claimNo: bigint("claim_no", { mode: "number" }),
    /** How many deliveries have failed. */
    attempt: integer("attempt").notNull().default(0),
    /** How many engines ended while they held it. */
    lost: integer("lost").notNull().default(0),
    /** The run is not delivered before: it waits for its next attempt. Null again once that is over. */
    notBefore: instant("not_before"),
  },
  (t) => [
    index("outbox_free").on(t.projectId, t.id).where(sql`held_by is null`), // the dispatcher: projects in turn, oldest first in each
    index("outbox_events").on(t.projectId, t.id).where(sql`event <> 'run/requested'`), // the same beside runs that wait
    index("outbox_waiting").on(t.projectId, t.headStart, t.id).where(waitsForPlace), // claim: the next runs of a project
    index("outbox_of_workflow").on(t.projectId, t.workflowId, t.id).where(waitsForPlace), // claim: past a full workflow
    index("outbox_held").on(t.projectId, t.claimNo).where(sql`held_by is not null`), // claim: what counts against the limits
    index("outbox_later").on(t.notBefore).where(sql`held_by is null and not_before is not null`), // claim: what is due
    index("outbox_issues").on(t.id).where(sql`event = 'issues/requested'`), // whether somebody has asked already
    index("outbox_urgent").on(t.id).where(sql`event = 'run/cancelled'`), // the dispatcher: nobody's turn is waited for
    ...wordChecks(t.event),
  ],
);

/** Numbers what engines take in hand. */
export const outboxClaims = pgSequence("outbox_claims");

/** Processes that execute runs. One that is silent is gone, and what it executed is handed back. */
export const executors = pgTable("executors", {
  id: uuid("id").primaryKey(),
  startedAt: instant("started_at").notNull().defaultNow(),
  beatAt: instant("beat_at").notNull().defaultNow(),
});

/** Lives of runners: one row a start of one. A step is addressed to the life that it was given to. */
export const runners = pgTable("runners", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  /** `unix:/path`, `http://host:port` or `https://host:port`. */
  address: text("address").notNull(),
  /** SHA-256 of its certificate, where it is pinned. */
  fingerprint: text("fingerprint"),
  capacity: integer("capacity").notNull(),
  isDraining: boolean("is_draining").notNull().default(false),
  startedAt: instant("started_at").notNull().defaultNow(),
  beatAt: instant("beat_at").notNull().defaultNow(),
});

/** A version of an adaptor, installed and built once, usable by every runner. */
export const adaptors = pgTable(
  "adaptors",
  {
    name: text("name").notNull(),
    version: text("version").notNull(),
    integrity: text("integrity"),
    /** Names the adaptor exports: what a job may use without importing. */
    exports: jsonb("exports").$type<string[]>().notNull(),
    /** `configuration-schema.json`: the credential form. */
    credentialSchema: jsonb("credential_schema"),
    /** Operations with their documentation, from `ast.json`. */
    operations: jsonb("operations"),
    /** Dependencies that had to be replaced to install it, e.g. {"@openfn/language-common": "3.3.4"}. */
    overrides: jsonb("overrides").$type<Record<string, string>>(),
    artefactHash: text("artefact_hash").notNull(),
    /** When the registry last said that it is what `latest` stands for; of a name, the newest of these counts. */
    latestAt: instant("latest_at"),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.name, t.version] })],
);

/** Built adaptors as files, so that any runner can run what is pinned, without the registry. */
export const adaptorArtefacts = pgTable(
  "adaptor_artefacts",
  {
    /** SHA-256 of the bytes, in hexadecimal. */
    hash: text("hash").primaryKey(),
    name: text("name").notNull(),
    version: text("version").notNull(),
    bytes: bytes("bytes").notNull(),
    createdAt: createdAt(),
  },
  (t) => [index("adaptor_artefacts_version").on(t.name, t.version)], // what a runner lacks
);
