import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  pgView,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import type { Reading } from "@/lib/body/reading";
import {
  dataclipTypes,
  exitReasons,
  jobStateWords,
  messageFormats,
  messageSources,
  refusalCauses,
  wipedForWords,
} from "@/lib/words";
import type { Json } from "@/lib/workflow/types";

/**
 * On a message's way no foreign key points at a row that messages share: it would lock the project's, workflow's or
 * trigger's row for every one of them. The statements name rows they have just read, and `deleteProject` deletes what
 * belongs to it. Between rows of the same message they lock nobody and make deletion whole.
 */
const projectId = () => uuid("project_id").notNull();

/**
 * One HTTP request received. Never changed, but for being wiped: then what it said is empty. Lists never name `body`, `headers` and `view`, which lie out of line where they are large (TOAST), but to see how a short body in the
 * row begins (`lib/body/beginning.ts`).
 */
export const messages = pgTable(
  "messages",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    source: text("source", { enum: messageSources }).notNull(),
    /** The trigger whose URL was called; null for the project's inbox URL. No foreign key: it outlives the trigger. */
    triggerId: uuid("trigger_id"),
    method: text("method").notNull(),
    /** Path segments after the id. */
    path: text("path").array().notNull(),
    query: jsonb("query").$type<Record<string, Json>>().notNull(),
    headers: jsonb("headers").$type<Record<string, string>>().notNull(),
    contentType: text("content_type"),
    format: text("format", { enum: messageFormats }).notNull(),
    /** Exactly what was sent; empty while it lies apart. Read it by `withBodies` (lib/payloads). */
    body: bytes("body").notNull(),
    /** Where the body lies when it is not here. No foreign key: a trigger tells when it goes. */
    payload: uuid("payload"),
    /** Until when the body is not to lie apart: somebody has asked for it to be processed again. */
    togetherUntil: instant("together_until"),
    /** JSON view of a body that is not JSON itself (form, XML), not plain UTF-8, or JSON that jsonb cannot hold as it is. */
    view: jsonb("view").$type<Json>(),
    /** How the body was read, when it is not plain UTF-8 that is what its type says; files by their place in it. */
    reading: jsonb("reading").$type<Reading>(),
    size: integer("size").notNull(),
    /** First characters of the body, for lists; empty where they are read from the body (lib/body/beginning.ts). */
    preview: text("preview").notNull(),
    /** How many workflows it matched when it came in; -1 of a test's, which nothing live is asked about. */
    matches: integer("matches").notNull().default(0),
    /** An edited resend names the message it came from. */
    resentFrom: uuid("resent_from"),
    sentBy: uuid("sent_by"),
    receivedAt: instant("received_at").notNull().defaultNow(),
    /** Since when path, query, headers, body, view, reading and preview are empty; `size` and `format` say what they were. */
    wipedAt: instant("wiped_at"),
    wipedFor: text("wiped_for", { enum: wipedForWords }),
  },
  (t) => [
    index("messages_inbox").on(t.projectId, t.id), // the inbox, newest first, keyset by id
    index("messages_unmatched").on(t.projectId, t.id).where(sql`matches = 0`), // "nothing matched"
    index("messages_tests").on(t.projectId, t.id).where(sql`source = 'test'`), // what came to test URLs
    index("messages_large")
      .on(t.size, t.id)
      .where(sql`payload is null and wiped_at is null and size >= 16384`), // what may go apart
    index("messages_payload").on(t.payload).where(sql`payload is not null`), // whether a payload is referred to
    check("messages_wiped_is_here", sql`payload is null or wiped_at is null`), // whoever wipes a body leaves its payload
    index("messages_resends").on(t.resentFrom).where(sql`resent_from is not null`), // the inspector's "resent as"
    ...wordChecks(t.source),
  ],
);

/**
 * Deliveries that their senders named (lib/inbox/delivery.ts): what comes again is the message that came first. No foreign
 * keys, as above. Rows of one delivery are forgotten after its hours; the others say on the receipt what happened.
 */
export const deliveries = pgTable(
  "deliveries",
  {
    /** The id in the URL. */
    urlId: uuid("url_id").notNull(),
    /** Digest of the sender's id and the header that it was in. */
    deliveryId: bytes("delivery_id").notNull(),
    /** Digest of path, query and body: the same id with another content is another message. */
    content: bytes("content").notNull(),
    projectId: projectId(),
    messageId: uuid("message_id").notNull(),
    times: integer("times").notNull().default(1),
    /** Another content came before with the same id. */
    isReused: boolean("is_reused").notNull().default(false),
    firstAt: instant("first_at").notNull().defaultNow(),
    lastAt: instant("last_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.urlId, t.deliveryId, t.content] }), // the inbox statement
    index("deliveries_message").on(t.projectId, t.messageId), // the receipt; purging a project
    index("deliveries_over").on(t.firstAt).where(sql`times = 1 and not is_reused`), // forgetting
  ],
);

/**
 * Requests to the project's URLs that were refused, or brought what had come before, kept a day with the cause (lib/inbox/refused.ts). One that somebody
 * accepts by hand becomes the message of the same id, and its row stays, without the body, to say what happened. No
 * foreign keys, as above.
 */
export const refusedRequests = pgTable(
  "refused_requests",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    /** The trigger whose URL was called; null for the project's inbox URL. */
    triggerId: uuid("trigger_id"),
    cause: text("cause", { enum: refusalCauses }).notNull(),
    /** What there is to say beyond the cause; never a secret. */
    detail: text("detail"),
    /**
     * What it takes room of: whose it is, as far as that is known, and the project's id. Each has a bound of its own, so that
     * strangers push nothing out. Null once it is accepted.
     */
    room: text("room"),
    /** What its sender was answered. */
    status: integer("status").notNull(),
    /** Of a repeat: the message that came first. */
    messageId: uuid("message_id"),
    method: text("method").notNull(),
    path: text("path").array().notNull(),
    query: jsonb("query").$type<Record<string, Json>>().notNull(),
    /** As JSON: the query's parameters one by one, where `query` does not say all of them. */
    parameters: jsonb("parameters").$type<Reading["parameters"]>(),
    headers: jsonb("headers").$type<Record<string, string>>().notNull(),
    contentType: text("content_type"),
    /** Null where it was not kept. */
    body: bytes("body"),
    /** Bytes of the body that were sent, as far as it was read; and of all that is kept of the request. */
    size: integer("size").notNull(),
    kept: integer("kept").notNull(),
    preview: text("preview").notNull(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    acceptedAt: instant("accepted_at"),
    acceptedBy: uuid("accepted_by"),
  },
  (t) => [
    index("refused_requests_project").on(t.projectId, t.id), // the list, newest first; purging a project
    index("refused_requests_cause").on(t.projectId, t.cause, t.id), // the list, by cause
    index("refused_requests_room").on(t.room, t.kept).where(sql`room is not null`), // how much is kept
    index("refused_requests_over").on(t.receivedAt).where(sql`accepted_at is null`), // forgetting
    ...wordChecks(t.cause),
  ],
);

/**
 * How many messages came lately through a URL that has a rate, or into a project that has one: a row for each ten seconds
 * and connection, so that nobody waits for a row. Forgotten after minutes.
 */
export const arrivalCounts = pgTable(
  "arrival_counts",
  {
    /** The URL's id, or the project's. */
    countedId: uuid("counted_id").notNull(),
    /** Unix time in tens of seconds. */
    tenSeconds: integer("ten_seconds").notNull(),
    /** The process of PostgreSQL's that counts: it carries out one statement at a time. */
    backend: integer("backend").notNull(),
    count: integer("count").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.countedId, t.tenSeconds, t.backend] }), // the inbox statement
    index("arrival_counts_over").on(t.tenSeconds), // forgetting
  ],
);

/**
 * Per message and job: in progress while a step is under way, else the last finished step's result (seed 1); a table so
 * that it can be a column, a filter and a count. `result` is `jobStateWord` (lib/workflow/outcome.ts) of the columns below.
 */
export const jobStates = pgTable(
  "job_states",
  {
    messageId: uuid("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    jobId: uuid("job_id").notNull(),
    projectId: uuid("project_id").notNull(),
    workflowId: uuid("workflow_id").notNull(),
    jobName: text("job_name").notNull(),
    result: text("result", { enum: jobStateWords }).notNull(),
    /** The step that finished last; null while none has. */
    stepId: uuid("step_id"),
    exitReason: text("exit_reason", { enum: exitReasons }),
    errorType: text("error_type"),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    /** `stepId` failed, and another step of its run was started because of it. */
    handled: boolean("handled").notNull().default(false),
    runningSteps: integer("running_steps").notNull().default(0),
    /** When the job first started for the message: the order in which states are shown. */
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.jobId] }), // chips of a page of messages
    index("job_states_filter").on(t.projectId, t.jobId, t.result, t.messageId), // inbox by job and state
    index("job_states_result").on(t.projectId, t.result, t.messageId), // inbox by state of any job
    ...wordChecks(t.result),
  ],
);

/** What a stored state has, also where it is read whole. */
const stateColumns = () => ({
  projectId: projectId(),
  type: text("type", { enum: dataclipTypes }).notNull(),
  name: text("name"),
  /**
   * JSON text, as it may be shown: as the job returned it, with `***` for values of credentials. Null once wiped, or
   * when it was too large; in a row also where `ofMessage` says what stands in its middle. Text, because jsonb cannot hold every JSON string.
   */
  body: text("body"),
  /** What is handed on, when `body` hides some of it: an envelope (lib/state/sealed.ts). Wiped with `body`. */
  sealed: text("sealed"),
  /** Bytes of what is handed on. */
  size: integer("size").notNull(),
  wipedAt: instant("wiped_at"),
  wipedFor: text("wiped_for", { enum: wipedForWords }),
  createdAt: createdAt(),
});

/**
 * A stored JSON state: a step's output, a saved input, a cron start. It is written here and read as `dataclips`: what a message
 * said is not in the row again where a state repeats it.
 */
export const storedStates = pgTable(
  "stored_states",
  {
    id: timeOrderedId(),
    ...stateColumns(),
    /**
     * The message whose body stands between the two texts that follow. No foreign key: before that body goes, in whatever
     * way, a trigger of `messages` puts it back.
     */
    ofMessage: uuid("of_message"),
    textBefore: text("text_before"),
    textAfter: text("text_after"),
  },
  (t) => [
    index("dataclips_project").on(t.projectId, t.id), // saved inputs of a project
    uniqueIndex("dataclips_name").on(t.projectId, t.name).where(sql`name is not null`), // saved inputs by name, each once
    check("dataclips_named_is_kept", sql`name is null or body is not null`), // what is named is never wiped
    index("dataclips_sealed").on(t.id).where(sql`sealed is not null`), // what a new credential key is to seal again
    index("stored_states_of_message").on(t.ofMessage).where(sql`of_message is not null`), // before its body goes
    check(
      "stored_states_of_message_parts",
      sql`case when of_message is null then text_before is null and text_after is null
        else text_before is not null and text_after is not null and body is null and sealed is null and wiped_at is null end`,
    ),
    ...wordChecks(t.type),
  ],
);

/** Stored states with their texts whole, for whoever reads them; what is written here is stored whole. */
export const dataclips = pgView("dataclips", { id: uuid("id").notNull(), ...stateColumns() }).existing();
