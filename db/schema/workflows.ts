import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import {
  clientId,
  createdAt,
  exactJsonb,
  instant,
  jsonb,
  timeOrderedId,
  updatedAt,
  wordChecks,
} from "@/db/columns";
import type { ExactJson } from "@/lib/exact-json";
import {
  authMethodTypes,
  edgeConditions,
  type SignatureScheme,
  tickWords,
  triggerTypes,
  versionSources,
  webhookReplies,
  whenRunningWords,
} from "@/lib/words";
import type { DeliveryRule, Json, RetryPolicy, WorkflowGraph } from "@/lib/workflow/types";
import { oauthClients } from "./oauth";
import { projects } from "./projects";
import { users } from "./users";

const projectId = () =>
  uuid("project_id")
    .notNull()
    .references(() => projects.id, { onDelete: "cascade" });

/** The graph as it is edited now. What runs is a snapshot of it. */
export const workflows = pgTable(
  "workflows",
  {
    id: clientId(),
    projectId: projectId(),
    name: text("name").notNull(),
    concurrency: integer("concurrency"),
    positions: jsonb("positions").$type<Record<string, { x: number; y: number }>>(),
    orderKey: text("order_key"),
    jobLogs: boolean("job_logs"),
    /** Since when its runs are accepted and not started; null = they are. */
    pausedAt: instant("paused_at"),
    pausedBy: uuid("paused_by"),
    /** +1 at every save that changes something. A save names the version it started from. */
    lockVersion: integer("lock_version").notNull().default(0),
    /** The snapshot of `lockVersion`: what new work orders run. */
    snapshotId: uuid("snapshot_id").references((): AnyPgColumn => snapshots.id),
    /** `app:<hash>` / `cli:<hash>` of each version, oldest first (OpenFn's version_history). */
    versionHistory: jsonb("version_history").$type<string[]>().notNull().default([]),
    deletedAt: instant("deleted_at"),
    /** Since when it is put away: every trigger is off, and lists show it apart. */
    archivedAt: instant("archived_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("workflows_name").on(t.projectId, t.name).where(sql`deleted_at is null`), // the workflows page; names are unique among the living
    index("workflows_project").on(t.projectId), // deleting a project, with the workflows that were deleted before
    index("workflows_snapshot").on(t.snapshotId), // deleting a version
  ],
);

/** Immutable version of one workflow; every run points at one. */
export const snapshots = pgTable(
  "snapshots",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references((): AnyPgColumn => workflows.id, { onDelete: "cascade" }),
    lockVersion: integer("lock_version").notNull(),
    graph: exactJsonb("graph").$type<WorkflowGraph>().notNull(),
    createdBy: text("created_by"),
    /** Null: made before this was written down. */
    source: text("source", { enum: versionSources }),
    /** restore: the version that it is again. */
    restoredFrom: integer("restored_from"),
    /** What is new in it, in its author's words. */
    note: text("note"),
    createdAt: createdAt(),
  },
  (t) => [
    ...wordChecks(t.source),
    uniqueIndex("snapshots_version").on(t.workflowId, t.lockVersion), // a workflow's versions
    index("snapshots_project").on(t.projectId, t.id), // deleting a project
  ],
);

/** What a project's last deploy left: what is saved since then in a page is not in the repository that it came from. */
export const deploys = pgTable(
  "deploys",
  {
    projectId: uuid("project_id")
      .primaryKey()
      .references(() => projects.id, { onDelete: "cascade" }),
    /** The number of each workflow's version, by its id. */
    versions: jsonb("versions").$type<Record<string, number>>().notNull(),
    source: text("source", { enum: versionSources }).notNull(),
    createdBy: text("created_by"),
    createdAt: createdAt(),
  },
  (t) => wordChecks(t.source),
);

export const triggers = pgTable(
  "triggers",
  {
    id: clientId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    type: text("type", { enum: triggerTypes }).notNull(),
    enabled: boolean("enabled").notNull().default(true),
    /** message_filter: jsonb containment, `body @> inclusion and not body @> exclusion` (platform v1). */
    inclusion: exactJsonb("inclusion").$type<ExactJson>(),
    exclusion: exactJsonb("exclusion").$type<ExactJson>(),
    /** A small part of each filter, tried before the whole of it. Null where there is none. */
    inclusionProbe: jsonb("inclusion_probe").$type<Json>().generatedAlwaysAs(sql`filter_probe(inclusion)`),
    exclusionProbe: jsonb("exclusion_probe").$type<Json>().generatedAlwaysAs(sql`filter_probe(exclusion)`),
    /** Bytes of both filters, and how many list items they name: what comparing them may cost. */
    filterBytes: integer("filter_bytes")
      .notNull()
      .generatedAlwaysAs(
        sql`coalesce(octet_length(inclusion::text), 0) + coalesce(octet_length(exclusion::text), 0)`,
      ),
    filterItems: integer("filter_items")
      .notNull()
      .generatedAlwaysAs(sql`filter_items(inclusion) + filter_items(exclusion)`),
    cronExpression: text("cron_expression"),
    cronCursorJobId: uuid("cron_cursor_job_id"),
    /** cron: when it fires next; null when disabled or not cron. */
    nextRunAt: instant("next_run_at"),
    /** cron: what came of its last time, when that was due, and when it was looked at: later after a downtime. */
    lastTick: text("last_tick", { enum: tickWords }),
    lastDueAt: instant("last_due_at"),
    lastTickAt: instant("last_tick_at"),
    /** cron: how many more times it made up for, which fell due before it was looked at. */
    lastMissed: integer("last_missed"),
    webhookReply: text("webhook_reply", { enum: webhookReplies }),
    webhookResponseConfig: jsonb("webhook_response_config").$type<{
      success_code?: number;
      error_code?: number;
    }>(),
    /** flow, catch: the job that it follows. No foreign key: the job is another workflow's, which may be written later. */
    sourceJobId: uuid("source_job_id"),
    timeZone: text("time_zone"),
    whenRunning: text("when_running", { enum: whenRunningWords }),
    customPath: text("custom_path"),
    takesGet: boolean("takes_get"),
    openRosa: boolean("open_rosa"),
    deliveryId: jsonb("delivery_id").$type<DeliveryRule>(),
    ratePerMinute: integer("rate_per_minute"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    index("triggers_workflow").on(t.workflowId), // loading a graph
    index("triggers_project").on(t.projectId), // deleting a project
    uniqueIndex("triggers_custom_path").on(t.projectId, t.customPath).where(sql`custom_path is not null`), // the inbox statement's lookup of such a URL
    index("triggers_filters").on(t.projectId).where(sql`type = 'message_filter' and enabled`), // the inbox statement
    index("triggers_due").on(t.nextRunAt).where(sql`next_run_at is not null`), // the per-minute clock
    index("triggers_source").on(t.sourceJobId).where(sql`source_job_id is not null`), // what follows a job, at its end
    ...wordChecks(t.type),
  ],
);

export const jobs = pgTable(
  "jobs",
  {
    id: clientId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    body: text("body").notNull(),
    /** As written: `@openfn/language-http@latest`. */
    adaptor: text("adaptor").notNull(),
    /** What a dist-tag was resolved to when the job was saved; exact. Null: it could not be had. */
    adaptorVersion: text("adaptor_version"),
    projectCredentialId: uuid("project_credential_id").references((): AnyPgColumn => projectCredentials.id, {
      onDelete: "set null",
    }),
    /** Instead of one: it chooses by the step's input. */
    keychainCredentialId: uuid("keychain_credential_id").references(
      (): AnyPgColumn => keychainCredentials.id,
      { onDelete: "set null" },
    ),
    retry: jsonb("retry").$type<RetryPolicy>(),
    libraryJobId: uuid("library_job_id"),
    libraryVersion: integer("library_version"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    index("jobs_workflow").on(t.workflowId), // loading a graph
    index("jobs_project").on(t.projectId), // the inbox's job filter
    index("jobs_credential").on(t.projectCredentialId), // a credential that is taken back
    index("jobs_keychain").on(t.keychainCredentialId), // who uses a keychain; one that is deleted
    index("jobs_library").on(t.libraryJobId).where(sql`library_job_id is not null`), // who uses a library entry
  ],
);

/** A job that workflows share: their jobs are copies of one of its versions. No foreign key leads here from them. */
export const libraryJobs = pgTable(
  "library_jobs",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    name: text("name").notNull(),
    description: text("description"),
    /** The newest. */
    version: integer("version").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex("library_jobs_name").on(t.projectId, t.name)], // the library page
);

/** Never changed: what a job of this version runs is found here by whoever asks later. */
export const libraryVersions = pgTable(
  "library_versions",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    libraryJobId: uuid("library_job_id")
      .notNull()
      .references(() => libraryJobs.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    body: text("body").notNull(),
    adaptor: text("adaptor").notNull(),
    adaptorVersion: text("adaptor_version").notNull(),
    /** What is new in it, in its author's words. */
    note: text("note"),
    createdBy: text("created_by"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("library_versions_version").on(t.libraryJobId, t.version), // an entry's versions
    index("library_versions_project").on(t.projectId), // deleting a project; how much code there is
  ],
);

export const edges = pgTable(
  "edges",
  {
    id: clientId(),
    projectId: projectId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id, { onDelete: "cascade" }),
    sourceTriggerId: uuid("source_trigger_id").references(() => triggers.id, { onDelete: "cascade" }),
    sourceJobId: uuid("source_job_id").references(() => jobs.id, { onDelete: "cascade" }),
    targetJobId: uuid("target_job_id")
      .notNull()
      .references(() => jobs.id, { onDelete: "cascade" }),
    conditionType: text("condition_type", { enum: edgeConditions }).notNull(),
    conditionExpression: text("condition_expression"),
    conditionLabel: text("condition_label"),
    enabled: boolean("enabled").notNull().default(true),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    index("edges_workflow").on(t.workflowId), // loading a graph
    index("edges_project").on(t.projectId), // deleting a project
    index("edges_source_trigger").on(t.sourceTriggerId), // deleting a trigger
    index("edges_source_job").on(t.sourceJobId), // deleting a job
    index("edges_target_job").on(t.targetJobId), // deleting a job
    ...wordChecks(t.conditionType),
  ],
);

/** Owned by one user, who alone sees its body; usable by the jobs of the projects it is shared with. */
export const credentials = pgTable(
  "credentials",
  {
    id: clientId(),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** Adaptor whose credential form made it (`@openfn/language-http`), or `raw`. */
    schema: text("schema").notNull().default("raw"),
    /** What keychains find it by, among those of a project. */
    externalId: text("external_id"),
    /** AES-256-GCM envelope of the JSON body of the environment `main`, see lib/crypto/envelope.ts. */
    body: text("body").notNull(),
    /** Hosts that a job with it may reach, of those that its project allows. Null: all of those. */
    allowedHosts: jsonb("allowed_hosts").$type<string[]>(),
    /** When its owner last changed what jobs get of it, in any environment; renewed tokens do not count. */
    changedAt: instant("changed_at"),
    /** The client that it was connected with, whose keys renew its tokens. */
    oauthClientId: uuid("oauth_client_id").references((): AnyPgColumn => oauthClients.id, {
      onDelete: "set null",
    }),
    /** When its secret ends, as its owner says. */
    expiresAt: instant("expires_at"),
    /** Since when its tokens cannot be renewed, and the end of the sentence that says why. */
    renewalFailedAt: instant("renewal_failed_at"),
    renewalProblem: text("renewal_problem"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("credentials_owner_name").on(t.ownerId, t.name), // a user's credentials
    index("credentials_client").on(t.oauthClientId), // who uses a client; deleting one
    index("credentials_expire").on(t.expiresAt).where(sql`expires_at is not null`), // whom to tell that one ends
    index("credentials_failing").on(t.renewalFailedAt).where(sql`renewal_failed_at is not null`), // whom to tell that one is not renewed
  ],
);

/** The process that asks a token server now. A refresh token may be good for one use, so nobody else asks meanwhile. */
export const credentialRefreshes = pgTable("credential_refreshes", {
  credentialId: uuid("credential_id")
    .primaryKey()
    .references(() => credentials.id, { onDelete: "cascade" }),
  claim: uuid("claim").notNull(),
  /** By the database's clock. Then whoever holds it has died. */
  expiresAt: instant("expires_at").notNull(),
});

/** A credential shared with a project; its id is what jobs and OpenFn's contract refer to. */
export const projectCredentials = pgTable(
  "project_credentials",
  {
    id: clientId(),
    projectId: projectId(),
    credentialId: uuid("credential_id")
      .notNull()
      .references(() => credentials.id, { onDelete: "cascade" }),
    /** By a run, a minute late at most; null: by none since this is written down. */
    lastUsedAt: instant("last_used_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("project_credentials_pair").on(t.projectId, t.credentialId), // a project's credentials
    index("project_credentials_credential").on(t.credentialId), // where a credential is used
  ],
);

/** What a credential is in an environment other than `main`. */
export const credentialBodies = pgTable(
  "credential_bodies",
  {
    id: timeOrderedId(),
    credentialId: uuid("credential_id")
      .notNull()
      .references(() => credentials.id, { onDelete: "cascade" }),
    env: text("env").notNull(),
    /** Envelope of the JSON body, as that of `credentials`. */
    body: text("body").notNull(),
    /** Hosts that it may be sent to there. Null: those of `main`. */
    allowedHosts: jsonb("allowed_hosts").$type<string[]>(),
    createdAt: createdAt(),
    /** When the body was stored, by its owner or with a renewed token. */
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex("credential_bodies_env").on(t.credentialId, t.env)], // opening a credential for a step
);

/** Chooses one of a project's credentials for a step, by what the step's input says (OpenFn's keychain). */
export const keychainCredentials = pgTable(
  "keychain_credentials",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    name: text("name").notNull(),
    /** Leads from the step's input to the external id of a credential. */
    path: text("path").notNull(),
    /** Where the input says nothing, or names none that there is. Null: the step fails then. */
    defaultProjectCredentialId: uuid("default_project_credential_id"),
    /** By a run, a minute late at most. */
    lastUsedAt: instant("last_used_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    // The usual name would be longer than PostgreSQL's names are.
    foreignKey({
      name: "keychain_credentials_default_fk",
      columns: [t.defaultProjectCredentialId],
      foreignColumns: [projectCredentials.id],
    }).onDelete("set null"),
    uniqueIndex("keychain_credentials_name").on(t.projectId, t.name), // a project's keychains
    index("keychain_credentials_default").on(t.defaultProjectCredentialId), // a credential that is taken back
  ],
);

/** Basic, API-key or signature check on triggers' URLs and, with `onInbox`, on the project's own inbox URL. */
export const authMethods = pgTable(
  "auth_methods",
  {
    id: timeOrderedId(),
    projectId: projectId(),
    name: text("name").notNull(),
    type: text("type", { enum: authMethodTypes }).notNull(),
    username: text("username"),
    /** Envelope of the password or key, for showing it again to those who may. */
    secret: text("secret").notNull(),
    /** Keyed hash that the inbox statement compares, see lib/inbox/digest.ts. Never the secret. */
    digest: text("digest").notNull(),
    /** How senders sign; null for other types. */
    signature: jsonb("signature").$type<SignatureScheme>(),
    /** Envelope of the secret that they sign with, under the inbox's own key (lib/inbox/sealed.ts). */
    signatureSecret: text("signature_secret"),
    /** The secret before this one, which counts until `oldEndsAt`: its digest and its envelope. */
    oldDigest: text("old_digest"),
    oldSignatureSecret: text("old_signature_secret"),
    oldEndsAt: instant("old_ends_at"),
    onInbox: boolean("on_inbox").notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("auth_methods_name").on(t.projectId, t.name), ...wordChecks(t.type)], // settings page
);

export const triggerAuthMethods = pgTable(
  "trigger_auth_methods",
  {
    triggerId: uuid("trigger_id")
      .notNull()
      .references(() => triggers.id, { onDelete: "cascade" }),
    authMethodId: uuid("auth_method_id")
      .notNull()
      .references(() => authMethods.id, { onDelete: "cascade" }),
  },
  (t) => [
    primaryKey({ columns: [t.triggerId, t.authMethodId] }), // the inbox statement's check
    index("trigger_auth_methods_method").on(t.authMethodId), // deleting an auth method
  ],
);
