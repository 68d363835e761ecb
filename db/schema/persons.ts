import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import { personKinds, personStates, personVia } from "@/lib/words";

/** No foreign keys to rows that messages share, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/** Somebody looks for everything that holds one person's data, to show, export or wipe it. */
export const personRequests = pgTable(
  "person_requests",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    state: text("state", { enum: personStates }).notNull().default("scanning"),
    /** What the person is known by: an envelope, gone as soon as nothing is left to do with it. */
    sealed: text("sealed"),
    keyCount: integer("key_count").notNull(),
    /** What was written before this id is looked through. */
    until: uuid("until").notNull(),
    /** Which of the places (lib/domain/person/places.ts) is looked through, and what of it has been. */
    place: integer("place").notNull().default(0),
    cursor: text("cursor"),
    /** Of the present place, from 0 to 1. */
    part: doublePrecision("part").notNull().default(0),
    seen: integer("seen").notNull().default(0),
    found: integer("found").notNull().default(0),
    /** Chosen things that wait for their runs to end before they can be wiped. */
    waiting: integer("waiting").notNull().default(0),
    wiped: integer("wiped").notNull().default(0),
    /** Why it is to be wiped, in the words of whoever asked. */
    reason: text("reason"),
    wipeBy: uuid("wipe_by"),
    wipeByLabel: text("wipe_by_label"),
    /** Why it did not come to its end. */
    problem: text("problem"),
    createdBy: uuid("created_by"),
    createdByLabel: text("created_by_label").notNull(),
    createdAt: createdAt(),
    /** Raised whenever somebody is asked to go on with it. */
    turn: integer("turn").notNull().default(0),
    /** When it was looked after last, and before when there is nothing to do. */
    beatAt: instant("beat_at").notNull().defaultNow(),
    nextAt: instant("next_at").notNull().defaultNow(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("person_requests_project").on(t.projectId, t.id), // the project's searches
    index("person_requests_under_way").on(t.beatAt).where(sql`state in ('scanning', 'wiping', 'verifying')`), // the safety net
    index("person_requests_sealed").on(t.id).where(sql`sealed is not null`), // forgetting keys; a new credential key
    ...wordChecks(t.state),
  ],
);

/** A thing that holds the person's data. After a wipe: what was wiped, by its id alone. */
export const personItems = pgTable(
  "person_items",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    requestId: uuid("request_id").notNull(),
    projectId: projectId(),
    kind: text("kind", { enum: personKinds }).notNull(),
    itemId: uuid("item_id").notNull(),
    /** The table, of what has no page of its own. */
    source: text("source"),
    via: text("via", { enum: personVia }).notNull(),
    /** Where in it. */
    places: text("places").array().notNull(),
    /** What stands around the key: an envelope, gone with the key. */
    excerpt: text("excerpt"),
    at: instant("at").notNull(),
    messageId: uuid("message_id"),
    runId: uuid("run_id"),
    /** Of a step: its output. What began with it was made from it. */
    clipId: uuid("clip_id"),
    isChosen: boolean("is_chosen").notNull().default(false),
    wipedAt: instant("wiped_at"),
  },
  (t) => [
    uniqueIndex("person_items_item").on(t.requestId, t.kind, t.itemId), // each thing once; whether a message is one
    index("person_items_kind").on(t.requestId, t.kind, t.seq), // a search's list
    index("person_items_clip").on(t.requestId, t.clipId).where(sql`clip_id is not null`), // what was made from an output
    index("person_items_chosen").on(t.requestId, t.seq).where(sql`is_chosen and wiped_at is null`), // what is to be wiped
    index("person_items_project").on(t.projectId, t.seq), // deleting a project
    ...wordChecks(t.kind),
  ],
);

/** What was wiped, when, by whom and why, without the data. Never changed. */
export const wipeCertificates = pgTable(
  "wipe_certificates",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    requestId: uuid("request_id").notNull(),
    /** What is signed (lib/domain/person/certificate.ts). */
    content: jsonb("content").notNull(),
    signature: text("signature").notNull(),
    byLabel: text("by_label").notNull(),
    createdAt: createdAt(),
  },
  (t) => [index("wipe_certificates_project").on(t.projectId, t.id)], // the project's certificates
);
