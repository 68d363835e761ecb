import { nearest } from "@/lib/settings/nearest.mjs";

/**
 * What becomes of a key that OpenFn's own files have and that has no effect here, a sentence each; none where nothing is
 * lost with it.
 */
type Unobeyed = Readonly<Record<string, string>>;

export type Level = {
  /** What a thing of this level is called. */
  thing: string;
  obeyed: readonly string[];
  /** Accepted, and told in the report. */
  unobeyed: Unobeyed;
  /** Known, and refused unless empty or false: without effect they would mean the opposite. */
  refused: Unobeyed;
  /** Other formats' words for the same. */
  meant: Readonly<Record<string, string>>;
};

const dates: Unobeyed = {
  inserted_at: "When it was made there was not taken over.",
  updated_at: "When it was changed there was not taken over.",
};
const ownId: Unobeyed = { id: "Everything was given a new id, so that nothing here and there is confused." };
const deletion: Unobeyed = {
  delete: "This is imported as something new, so there is nothing to delete. Leave the whole thing out.",
};
const settings = "It was left as it is for a new project. Choose it in Settings.";
const byKey = "It was not looked at: items are known by their keys here.";

/** The v1 grammar of project.yaml, level by level (reference: toolchain §4.2, platform §2.2). */
export const grammar = {
  project: {
    thing: "the project",
    obeyed: ["name", "description", "env", "credentials", "keychain_credentials", "collections", "workflows"],
    unobeyed: {
      ...ownId,
      ...dates,
      channels: "There are no channels here: they were left out.",
      globals: "There are no globals here: they were left out.",
      requires_mfa: "It was not turned on. Do so in Settings, if members must have a second factor.",
      concurrency: settings,
      retention_policy: "Nothing is deleted by age here.",
      history_retention_period: "Nothing is deleted by age here.",
      dataclip_retention_period: "Nothing is deleted by age here.",
      allow_support_access: "Nobody but its members sees a project.",
      scheduled_deletion: "The new project is not going to be deleted.",
      color: "Projects have no colour.",
      parent_id: "Projects have no parent.",
      project_credentials: "It was not looked at: credentials are named under `credentials`.",
      version_history: "The history of versions begins anew.",
    },
    refused: deletion,
    meant: { collection: "collections", environment: "env", keychains: "keychain_credentials" },
  },
  credential: {
    thing: "a credential",
    obeyed: ["name", "owner"],
    unobeyed: { ...ownId, ...dates },
    refused: deletion,
    meant: { email: "owner", user: "owner" },
  },
  collection: {
    thing: "a collection",
    obeyed: ["name"],
    unobeyed: {
      ...ownId,
      ...dates,
      project_id: byKey,
      byte_size_sum: "Items are not in a file.",
      lock_version: "Items are not in a file.",
    },
    refused: deletion,
    meant: {},
  },
  keychain: {
    thing: "a keychain",
    obeyed: ["name", "path", "default_credential"],
    unobeyed: {
      ...ownId,
      ...dates,
      default_credential_id:
        "It was imported without it: a file names the credential as `default_credential`.",
      created_by_id: byKey,
      project_id: byKey,
    },
    refused: deletion,
    meant: { default: "default_credential", credential: "default_credential", json_path: "path" },
  },
  workflow: {
    thing: "a workflow",
    obeyed: ["name", "concurrency", "order_key", "enable_job_logs", "jobs", "triggers", "edges"],
    unobeyed: {
      ...ownId,
      ...dates,
      lock_version: "Versions are counted anew.",
      version_history: "The history of versions begins anew.",
      positions: "The picture of the workflow was laid out anew.",
      project_id: byKey,
    },
    refused: {
      ...deletion,
      deleted_at:
        "This workflow was deleted, and would come back to life. Leave it out, or remove deleted_at.",
    },
    meant: { steps: "jobs", nodes: "jobs", job_logs: "enable_job_logs" },
  },
  job: {
    thing: "a job",
    obeyed: [
      "name",
      "adaptor",
      "credential",
      "keychain_credential",
      "body",
      "path",
      "enabled",
      "retry",
      "library_entry",
      "library_version",
    ],
    unobeyed: {
      ...ownId,
      ...dates,
      project_credential_id: "The job was imported without it: a file names the credential as `credential`.",
      keychain_credential_id:
        "The job was imported without it: a file names a keychain as `keychain_credential`.",
      workflow_id: byKey,
      globals: "There are no globals here: they were left out.",
    },
    refused: deletion,
    meant: {
      code: "body",
      expression: "body",
      script: "body",
      configuration: "credential",
      credentials: "credential",
      keychain: "keychain_credential",
      language: "adaptor",
      retries: "retry",
    },
  },
  retry: {
    thing: "a retry policy",
    obeyed: ["attempts", "delay_seconds", "max_delay_seconds", "error_types"],
    unobeyed: {},
    refused: {},
    meant: {
      max_attempts: "attempts",
      delay: "delay_seconds",
      max_delay: "max_delay_seconds",
      errors: "error_types",
    },
  },
  delivery: {
    thing: "where a delivery's id is",
    obeyed: ["header", "path", "hours"],
    unobeyed: {},
    refused: {},
    meant: { body: "path", window: "hours" },
  },
  body: { thing: "a body", obeyed: ["path"], unobeyed: {}, refused: {}, meant: { file: "path" } },
  trigger: {
    thing: "a trigger",
    obeyed: [
      "type",
      "enabled",
      "inclusion",
      "exclusion",
      "cron_expression",
      "cron_cursor_job",
      "time_zone",
      "when_running",
      "source_job",
      "webhook_reply",
      "webhook_response_config",
      "custom_path",
      "takes_get",
      "open_rosa",
      "delivery_id",
      "rate_per_minute",
    ],
    unobeyed: {
      ...ownId,
      ...dates,
      webhook_auth_methods:
        "Whoever knows the trigger's address may send to it. Protect it in Settings, under Authentication.",
      kafka_configuration: "There are no Kafka triggers here.",
      cron_cursor_job_id: "It was not looked at: a file names the job as `cron_cursor_job`.",
      workflow_id: byKey,
    },
    refused: deletion,
    meant: {
      cron: "cron_expression",
      schedule: "cron_expression",
      criteria: "inclusion",
      filter: "inclusion",
      disabled: "enabled",
      timezone: "time_zone",
      success: "source_job",
      failure: "source_job",
    },
  },
  response: {
    thing: "a webhook_response_config",
    obeyed: ["success_code", "error_code"],
    unobeyed: {},
    refused: {},
    meant: { success: "success_code", error: "error_code", failure_code: "error_code" },
  },
  edge: {
    thing: "an edge",
    obeyed: [
      "source_trigger",
      "source_job",
      "target_job",
      "condition_type",
      "condition",
      "condition_label",
      "condition_expression",
      "enabled",
    ],
    unobeyed: {
      ...ownId,
      ...dates,
      source_trigger_id: byKey,
      source_job_id: byKey,
      target_job_id: byKey,
      workflow_id: byKey,
    },
    refused: deletion,
    meant: {
      source: "source_job",
      from: "source_job",
      target: "target_job",
      to: "target_job",
      label: "condition_label",
      expression: "condition_expression",
      disabled: "enabled",
    },
  },
} as const satisfies Record<string, Level>;

/** What is said of a key that a level does not have, and whether it was meant to say something. */
export function unknownKey(key: string, { thing, obeyed, meant }: Level): { said: string; isMeant: boolean } {
  if (key === "<<") {
    const said = 'YAML 1.2 has no merge keys, so "<<" would be a key like any other. Write the keys out.';
    return { said, isMeant: true };
  }
  const word = (Object.hasOwn(meant, key) ? meant[key] : undefined) ?? nearest(key, obeyed);
  const sentence = `Unknown key "${key}" of ${thing}.`;
  return word
    ? { said: `${sentence} Did you mean "${word}"?`, isMeant: true }
    : { said: `${sentence} Known: ${obeyed.join(", ")}.`, isMeant: false };
}
