/**
 * What OpenFn's server says of each record, and what we say besides: its tools send all of it back. Other keys are
 * extraneous.
 */
const dates = ["inserted_at", "updated_at"];
const record = ["id", "delete", ...dates];
const item = [...record, "workflow_id"];

export const columns = {
  project: [
    "id",
    "name",
    "description",
    ...dates,
    "workflows",
    "project_credentials",
    "collections",
    "channels",
    "scheduled_deletion",
    "requires_mfa",
    "retention_policy",
    "history_retention_period",
    "dataclip_retention_period",
    "concurrency",
    "allow_support_access",
    "color",
    "env",
    "parent_id",
    "version_history",
    "keychain_credentials",
  ],
  workflow: [
    ...record,
    "name",
    "project_id",
    "deleted_at",
    "lock_version",
    "version_history",
    "concurrency",
    "positions",
    "enable_job_logs",
    "order_key",
    "jobs",
    "triggers",
    "edges",
  ],
  job: [
    ...item,
    "name",
    "adaptor",
    "body",
    "project_credential_id",
    "keychain_credential_id",
    // OpenFn's tools of 2023 send it. It never had an effect.
    "enabled",
    "retry",
    "library_entry",
    "library_version",
  ],
  trigger: [
    ...item,
    "type",
    "enabled",
    "comment",
    "cron_expression",
    "cron_cursor_job_id",
    "webhook_reply",
    "webhook_response_config",
    "custom_path",
    "kafka_configuration",
    "has_auth_method",
    "webhook_auth_methods",
    "inclusion",
    "exclusion",
    "time_zone",
    "when_running",
    "source_job",
    "source_job_id",
    "takes_get",
    "open_rosa",
    "delivery_id",
    "rate_per_minute",
  ],
  edge: [
    ...item,
    "source_trigger_id",
    "source_job_id",
    "target_job_id",
    "condition_type",
    // Until 2024, it was called so.
    "condition",
    "condition_label",
    "condition_expression",
    "enabled",
  ],
  project_credential: [...record, "name", "owner", "project_id", "credential_id", "credential"],
  collection: [...record, "name", "project_id", "byte_size_sum", "items"],
} as const satisfies Record<string, readonly string[]>;

export type Level = keyof typeof columns;

const known = new Map<Level, ReadonlySet<string>>(
  Object.entries(columns).map(([level, keys]) => [level as Level, new Set<string>(keys)]),
);

/** The keys of a record that are none of its columns, in the order of the alphabet. */
export const extraneousKeys = (level: Level, raw: object): string[] =>
  Object.keys(raw)
    .filter((key) => !known.get(level)?.has(key))
    .sort();
