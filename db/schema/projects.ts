import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { clientId, createdAt, instant, jsonb, timeOrderedId, updatedAt, wordChecks } from "@/db/columns";
import { actorTypes, idKinds, limitKinds, persistences, roles, tokenScopes } from "@/lib/words";
import type { DeliveryRule, Protection, Redaction, Retention } from "@/lib/workflow/types";
import { users } from "./users";

export const projects = pgTable(
  "projects",
  {
    id: clientId(),
    name: text("name").notNull(),
    description: text("description"),
    /** The id in the project's own inbox URL; apart from the project id so that it can be replaced. */
    inboxId: uuid("inbox_id").notNull().defaultRandom(),
    inboxEnabled: boolean("inbox_enabled").notNull().default(true),
    /** Members without a second factor get nothing of it. */
    requireSecondFactor: boolean("require_second_factor").notNull().default(false),
    /** Largest message body accepted, bytes; null = the installation's limit. */
    maxBodyBytes: integer("max_body_bytes"),
    /** Where senders to the project's inbox URL name a delivery; null = the usual headers, for 24 hours. */
    deliveryId: jsonb("delivery_id").$type<DeliveryRule>(),
    /** Messages a minute, through all of its URLs together, and through its inbox URL; null = no limit. */
    ratePerMinute: integer("rate_per_minute"),
    inboxRatePerMinute: integer("inbox_rate_per_minute"),
    /** What is redacted of messages before they are stored; null = nothing ever was. */
    redactions: jsonb("redactions").$type<Redaction[]>(),
    /** Steps of this project that may run at once; null = the installation's limit. */
    concurrency: integer("concurrency"),
    /** The plan, which the operator sets: runs of a month (UTC) and of a minute. Null = as many as come. */
    runsPerMonth: integer("runs_per_month"),
    runsPerMinute: integer("runs_per_minute"),
    limitKind: text("limit_kind", { enum: limitKinds }).notNull().default("soft"),
    /** Hosts that jobs may reach (`host` or `host:port`); null = any public address. */
    egressAllow: jsonb("egress_allow").$type<string[]>(),
    /** What is masked for whom, and who downloads nothing (lib/domain/mask); null = nothing and nobody. */
    protection: jsonb("protection").$type<Protection>(),
    /** Which of a credential's bodies its jobs get; null = `main`. */
    env: text("env"),
    /** The YAML spec's `credentials` entries that no credential answers yet: key → {name, owner}. */
    unresolvedCredentials:
      jsonb("unresolved_credentials").$type<Record<string, { name: string; owner: string }>>(),
    /** Since when runs of all its workflows are accepted and not started; null = they are. */
    pausedAt: instant("paused_at"),
    pausedBy: uuid("paused_by"),
    /** Since when, and until when about, so many of its runs wait that no messages are accepted (lib/queue/backlogs.ts). */
    fullSince: instant("full_since"),
    fullUntil: instant("full_until"),
    /** For how many days what is kept; null = for ever. */
    retention: jsonb("retention").$type<Retention>(),
    persistence: text("persistence", { enum: persistences }).notNull().default("retain_all"),
    /** Nothing goes before: whoever saved a setting can still take it back. */
    retainsFrom: instant("retains_from"),
    /** Since when it is on its way out: nothing is accepted, started or changed any more. Null for all others. */
    deletionScheduledAt: instant("deletion_scheduled_at"),
    /** From when on nothing brings it back: it is purged. Set together with `deletionScheduledAt`. */
    deletesAt: instant("deletes_at"),
    /** Null when the operator did it. */
    deletionScheduledBy: uuid("deletion_scheduled_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("projects_inbox").on(t.inboxId), // the inbox statement's lookup of a project URL
    index("projects_deletes").on(t.deletesAt).where(sql`deletes_at is not null`), // what is to be drained or purged
    index("projects_full").on(t.id).where(sql`full_until is not null`), // which may have room again
    index("projects_limited").on(t.id).where(sql`runs_per_month is not null`), // whom to tell that the month's runs run out
    index("projects_retaining").on(t.id).where(sql`retention is not null or persistence <> 'retain_all'`), // whose things do not stay
    ...wordChecks(t.limitKind),
  ],
);

/**
 * Every id that clients choose or senders know, and whose it is for ever: senders keep a URL after it was replaced, and
 * what has happened is found by the ids of what did it. Written with whatever brings an id (lib/domain/taken-ids.ts) and
 * never deleted, not with the project either: hence no foreign key.
 */
export const takenIds = pgTable(
  "taken_ids",
  {
    id: uuid("id").primaryKey(), // taking an id
    projectId: uuid("project_id").notNull(),
    kind: text("kind", { enum: idKinds }).notNull(),
    createdAt: createdAt(),
  },
  (t) => wordChecks(t.kind),
);

export const projectMembers = pgTable(
  "project_members",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: roles }).notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.userId] }),
    index("project_members_user").on(t.userId), // "my projects"
    uniqueIndex("project_members_one_owner").on(t.projectId).where(sql`role = 'owner'`), // the invariant itself
    ...wordChecks(t.role),
  ],
);

export const invitations = pgTable(
  "invitations",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    email: text("email").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** SHA-256 of the token in the link. */
    tokenHash: text("token_hash").notNull(),
    invitedBy: uuid("invited_by").references(() => users.id, { onDelete: "set null" }),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("invitations_token").on(t.tokenHash), // accepting
    index("invitations_project").on(t.projectId), // the collaborators page
    index("invitations_email").on(t.email), // "waiting for you" after sign-in
    index("invitations_inviter").on(t.invitedBy), // deleting a user
    ...wordChecks(t.role),
  ],
);

/** Personal access tokens for the API and OpenFn's CLI; one may be bound to chosen projects. */
export const apiTokens = pgTable(
  "api_tokens",
  {
    id: timeOrderedId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The only project that it works in, which it does not outlive; null with several (`projectIds`) or all. */
    projectId: uuid("project_id").references(() => projects.id, { onDelete: "cascade" }),
    /** The several projects that it works in. */
    projectIds: uuid("project_ids").array(),
    /** Whoever inserts without them is the release before, whose tokens could do everything. */
    scopes: text("scopes", { enum: tokenScopes })
      .array()
      .notNull()
      .default([...tokenScopes]),
    name: text("name").notNull(),
    /** SHA-256 of the token; the token itself is shown once. */
    tokenHash: text("token_hash").notNull(),
    lastUsedAt: instant("last_used_at"),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("api_tokens_hash").on(t.tokenHash), // every API call
    index("api_tokens_user").on(t.userId), // the settings page
    ...wordChecks(t.scopes),
    index("api_tokens_project").on(t.projectId), // deleting a project
  ],
);

/** Repositories' tokens for the API: they belong to the project and stay when whoever made them leaves. */
export const projectTokens = pgTable(
  "project_tokens",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    scopes: text("scopes", { enum: tokenScopes }).array().notNull(),
    /** SHA-256 of the token; the token itself is shown once. */
    tokenHash: text("token_hash").notNull(),
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
    lastUsedAt: instant("last_used_at"),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("project_tokens_hash").on(t.tokenHash), // every API call of a repository
    index("project_tokens_project").on(t.projectId, t.id), // the settings page, newest first
    index("project_tokens_creator").on(t.createdBy), // deleting a user
    ...wordChecks(t.scopes),
  ],
);

/** Who did what to what. No foreign keys: the record outlives what it speaks of. Read newest first by id. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: timeOrderedId(),
    projectId: uuid("project_id"),
    actorType: text("actor_type", { enum: actorTypes }).notNull(),
    actorId: text("actor_id"),
    /** What to show when the actor is gone: an e-mail, a token's name, "system". */
    actorLabel: text("actor_label").notNull(),
    /** `thing.verb`, as in the permission that allowed it. */
    event: text("event").notNull(),
    itemId: text("item_id"),
    before: jsonb("before"),
    after: jsonb("after"),
    createdAt: createdAt(),
  },
  (t) => [index("audit_events_project").on(t.projectId, t.id), ...wordChecks(t.actorType)], // a project's audit page, newest first
);
