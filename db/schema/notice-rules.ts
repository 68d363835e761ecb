import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, timeOrderedId, updatedAt, wordChecks } from "@/db/columns";
import { digestWords, toldStatuses } from "@/lib/words";
import { noticeChannels } from "./notices";
import { projectMembers, projects } from "./projects";

/**
 * What a member, or a channel, hears of a project. Without a row: a channel, the owner and admins hear of each failure at
 * once, the others of none (lib/domain/notice/rules/recipients.ts).
 */
export const noticeRules = pgTable(
  "notice_rules",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    /** A member, with whose membership it goes. */
    userId: uuid("user_id"),
    channelId: uuid("channel_id").references(() => noticeChannels.id, { onDelete: "cascade" }),
    /** Null = all. */
    workflowIds: uuid("workflow_ids").array(),
    statuses: text("statuses", { enum: toldStatuses }).array(),
    /** An issue when it begins, grows or returns. */
    atOnce: boolean("at_once").notNull().default(true),
    digest: text("digest", { enum: digestWords }).notNull().default("never"),
    /** What `digest` was when it was stopped from a mail, to begin again with. */
    stoppedDigest: text("stopped_digest", { enum: digestWords }),
    /** By which a channel's digests go; null = UTC. A member's go by their own (`users`). */
    timeZone: text("time_zone"),
    /** Null while there is none to come. */
    nextDigestAt: instant("next_digest_at"),
    /** When the last one was due, and whether there was something to say. */
    lastDigestAt: instant("last_digest_at"),
    lastDigestSaid: boolean("last_digest_said"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({
      name: "notice_rules_member_fk",
      columns: [t.projectId, t.userId],
      foreignColumns: [projectMembers.projectId, projectMembers.userId],
    }).onDelete("cascade"),
    uniqueIndex("notice_rules_member").on(t.projectId, t.userId), // whom to tell; leaving a project
    uniqueIndex("notice_rules_channel").on(t.channelId), // whom to tell; deleting a channel
    index("notice_rules_user").on(t.userId), // the account page; another time zone
    index("notice_rules_digest").on(t.nextDigestAt).where(sql`next_digest_at is not null`), // digests that are due
    check("notice_rules_one_target", sql`(user_id is null) <> (channel_id is null)`),
    ...wordChecks(t.digest),
  ],
);
