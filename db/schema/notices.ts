import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, jsonb, timeOrderedId, wordChecks } from "@/db/columns";
import { channelTypes, noticeKinds, noticeStates } from "@/lib/words";
import { projects } from "./projects";
import { users } from "./users";

/** Where a project's notices go besides people's mailboxes. */
export const noticeChannels = pgTable(
  "notice_channels",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    type: text("type", { enum: channelTypes }).notNull(),
    /** The address, and what a webhook's notices are signed with, sealed: an address may be a secret by itself. */
    target: text("target").notNull(),
    /** The address's host, for people to tell channels apart. */
    host: text("host").notNull(),
    /** Who made it hears when it is switched off. */
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
    /** Switched off: by a person, or after days of nothing but failures, which `lastError` tells of. */
    disabledAt: instant("disabled_at"),
    /** When the first failure since the last success was. Null while it takes what is sent. */
    failingSince: instant("failing_since"),
    /** Failures since the last success; nothing is sent before `pausedUntil`. */
    failures: integer("failures").notNull().default(0),
    pausedUntil: instant("paused_until"),
    lastError: text("last_error"),
    lastSentAt: instant("last_sent_at"),
    createdAt: createdAt(),
  },
  (t) => [
    index("notice_channels_project").on(t.projectId, t.id), // the settings page
    index("notice_channels_creator").on(t.createdBy), // deleting a user
    ...wordChecks(t.type),
  ],
);

/** What somebody is to be told, or was: a row for each person, channel or address. Written by `queueNotices` alone. */
export const notices = pgTable(
  "notices",
  {
    id: timeOrderedId(),
    /** Null: about the installation, or about nothing of a project's. */
    projectId: uuid("project_id").references(() => projects.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: noticeKinds }).notNull(),
    /** What it is about and for whom: the same is never told twice. */
    key: text("key").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    channelId: uuid("channel_id").references(() => noticeChannels.id, { onDelete: "cascade" }),
    /** The operator's mailbox or webhook: `mailto:` or `https:`. */
    address: text("address"),
    /** Ids and numbers that its text is made from when it is sent; never a payload's texts. */
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    /** Whose turn it takes: the channel's, the project's, else the person's. A slow one holds nobody else up. */
    lane: uuid("lane").notNull(),
    notBefore: instant("not_before").notNull().defaultNow(),
    /** When it is to be tried: first `notBefore`, then later and later. */
    nextAt: instant("next_at").notNull().defaultNow(),
    attempts: integer("attempts").notNull().default(0),
    /** Somebody is sending it, or was and died; then somebody else does after a while. */
    claimedAt: instant("claimed_at"),
    /** From here on it may have arrived. */
    handedAt: instant("handed_at"),
    sentAt: instant("sent_at"),
    failedAt: instant("failed_at"),
    /** Why it was not sent, in a sentence. */
    error: text("error"),
    /** What stood in the subject, for the list of what was sent. */
    subject: text("subject"),
    state: text("state", { enum: noticeStates }).notNull().default("waiting"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("notices_key").on(t.key), // never twice
    index("notices_due").on(t.lane, t.nextAt).where(sql`state = 'waiting'`), // what is to be sent, by turns
    index("notices_claimed").on(t.claimedAt).where(sql`state = 'waiting' and claimed_at is not null`), // whose sender died
    index("notices_project").on(t.projectId, t.id), // the list of what was sent; deleting a project
    index("notices_user").on(t.userId), // deleting a user
    index("notices_channel").on(t.channelId), // deleting a channel
    check("notices_one_recipient", sql`num_nonnulls(user_id, channel_id, address) = 1`),
    ...wordChecks(t.kind),
  ],
);

/** What is wrong with the installation now, as far as its operator is told of it. */
export const operatorConditions = pgTable("operator_conditions", {
  /** What it is and of what, such as `disk:<host>:<path>`. */
  name: text("name").primaryKey(),
  beganAt: instant("began_at").notNull().defaultNow(),
  /** When it was seen last; who does not see it any more ends it. */
  seenAt: instant("seen_at").notNull().defaultNow(),
  /** When the operator was told last; null while it may still be nothing. */
  toldAt: instant("told_at"),
  detail: jsonb("detail").$type<Record<string, unknown>>().notNull().default({}),
});
