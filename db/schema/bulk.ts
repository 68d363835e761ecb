import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import { type BulkReason, bulkKinds, bulkReasons, bulkStates, bulkTargets, bulkWaits } from "@/lib/words";

/** No foreign keys to rows that messages share, see messages.ts. */
const projectId = () => uuid("project_id").notNull();

/** What somebody asked to be done with many messages, runs or work orders, and how far it has come. */
export const bulkActs = pgTable(
  "bulk_acts",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    name: text("name").notNull(),
    kind: text("kind", { enum: bulkKinds }).notNull(),
    target: text("target", { enum: bulkTargets }).notNull(),
    /** The chosen ones, in their order; null = all that the filter finds. */
    ids: uuid("ids").array(),
    filter: jsonb("filter").$type<Record<string, string>>(),
    /** The job that it starts from; null = from the start. */
    jobId: uuid("job_id"),
    jobName: text("job_name"),
    workflowId: uuid("workflow_id"),
    /** A rerun on the versions that ran then, not on the newest. */
    onOriginal: boolean("on_original").notNull().default(false),
    /** Runs a minute; null = as fast as they are executed. */
    ratePerMinute: integer("rate_per_minute"),
    /** How many passes over what the filter finds at most: more than one repeats until it finds nothing more to do. */
    maxRounds: integer("max_rounds").notNull().default(1),
    state: text("state", { enum: bulkStates }).notNull().default("running"),
    /** Items have smaller ids: what came later is not part of it. */
    until: uuid("until").notNull(),
    round: integer("round").notNull().default(1),
    roundAt: instant("round_at").notNull().defaultNow(),
    /** The last item that the present pass is done with. */
    cursor: uuid("cursor"),
    /** Nothing is done before. */
    nextAt: instant("next_at").notNull().defaultNow(),
    waitsFor: text("waits_for", { enum: bulkWaits }),
    /** How many there were at its start, counted up to a bound, and whether there were more. */
    total: integer("total").notNull(),
    isMore: boolean("is_more").notNull(),
    /** Items that it has come by, and of these those that it did something with, and could not do. */
    seen: integer("seen").notNull().default(0),
    done: integer("done").notNull().default(0),
    refused: integer("refused").notNull().default(0),
    /** How many of these by each reason. Not all of them where an older release carried out some of it. */
    reasons: jsonb("reasons").$type<Partial<Record<BulkReason, number>>>(),
    /** Runs that it queued, or cancelled; and of the present pass. */
    runs: integer("runs").notNull().default(0),
    roundRuns: integer("round_runs").notNull().default(0),
    takenBack: integer("taken_back").notNull().default(0),
    /** Why it was paused when nobody asked for it. */
    problem: text("problem"),
    createdBy: uuid("created_by"),
    createdByLabel: text("created_by_label").notNull(),
    createdAt: createdAt(),
    /** Raised whenever somebody is asked to go on with it. */
    turn: integer("turn").notNull().default(0),
    /** When it was looked after last. */
    beatAt: instant("beat_at").notNull().defaultNow(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("bulk_acts_project").on(t.projectId, t.id), // the project's acts
    index("bulk_acts_under_way").on(t.beatAt).where(sql`state in ('running', 'undoing')`), // the safety net
    ...wordChecks(t.kind),
  ],
);

/** Items that a bulk act could do nothing with, each with the reason. */
export const bulkRefusals = pgTable(
  "bulk_refusals",
  {
    actId: uuid("act_id").notNull(),
    itemId: uuid("item_id").notNull(),
    projectId: projectId(),
    reason: text("reason", { enum: bulkReasons }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.actId, t.itemId] }), // an act's list, in order
    index("bulk_refusals_project").on(t.projectId), // deleting a project
    ...wordChecks(t.reason),
  ],
);
