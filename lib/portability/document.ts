import type { ExactJson } from "@/lib/exact-json";

/** What documents, payloads and states say of a project alike. OpenFn's server says more, and its tools send it back. */
type Project = { id: string; name: string; description?: string | null; [column: string]: unknown };

/**
 * A project as OpenFn's provisioning API has it (reference: platform §2.2.1). `GET /api/provision/:id` answers it, and
 * `POST /api/provision` takes it, with lists or with maps. Every record has an id that its client made.
 */
export type ProjectDocument = Project & {
  project_credentials: CredentialDocument[];
  /** Left out where there are none: with an empty list OpenFn's CLI would see a difference for ever. */
  collections?: CollectionDocument[];
  /** Extension, left out where there are none: the keychains that jobs name by `keychain_credential_id`. */
  keychain_credentials?: KeychainDocument[];
  /** Extension: the environment that jobs get credentials of; left out for `main`. */
  env?: string | null;
  workflows: WorkflowDocument[];
};

export type CredentialDocument = { id: string; name: string; owner: string };
export type CollectionDocument = { id: string; name: string };
export type KeychainDocument = {
  id: string;
  name: string;
  path: string;
  /** Id of one of `project_credentials`. */
  default_credential_id: string | null;
};

/** `concurrency` is OpenFn's column, `order_key` and `enable_job_logs` are extensions. */
type Workflow = {
  id: string;
  name: string;
  lock_version?: number | null;
  version_history?: string[];
  concurrency?: number | null;
  order_key?: string | null;
  enable_job_logs?: boolean | null;
  [column: string]: unknown;
};

export type WorkflowDocument = Workflow & {
  jobs: JobDocument[];
  triggers: TriggerDocument[];
  edges: EdgeDocument[];
};

/**
 * What follows `project_credential_id` are extensions: ours, of the same words as in project.yaml, only where they were
 * asked for (`?extensions=true`), and left out where they have no value. In a payload null takes the value away.
 */
export type JobDocument = {
  id: string;
  name: string;
  adaptor: string;
  body: string;
  project_credential_id: string | null;
  keychain_credential_id?: string | null;
  retry?: RetryDocument | null;
  library_entry?: string | null;
  library_version?: number | null;
};

export type RetryDocument = {
  attempts: number;
  delay_seconds: number;
  max_delay_seconds: number;
  error_types?: string[];
};

/** Keys without a value are left out. What follows `webhook_response_config` are extensions, as with jobs. */
export type TriggerDocument = {
  id: string;
  type: string;
  enabled?: boolean;
  cron_expression?: string;
  cron_cursor_job_id?: string;
  webhook_reply?: string;
  webhook_response_config?: { success_code?: number; error_code?: number };
  /** OpenFn's column; its CLI drops it, and would see a difference for ever. */
  custom_path?: string | null;
  time_zone?: string | null;
  when_running?: string | null;
  /** The job of another workflow that it follows. Taken as `source_job: <workflow key>/<job key>`, too. */
  source_job_id?: string | null;
  takes_get?: boolean | null;
  open_rosa?: boolean | null;
  delivery_id?: { header?: string; path?: string; hours?: number } | null;
  rate_per_minute?: number | null;
  inclusion?: ExactJson;
  exclusion?: ExactJson;
};

/** Keys without a value are left out. */
export type EdgeDocument = {
  id: string;
  enabled: boolean;
  source_trigger_id?: string | null;
  source_job_id?: string | null;
  target_job_id: string;
  condition_type: string | null;
  condition_label?: string | null;
  condition_expression?: string | null;
};

/** What is to go. */
export type Deletion = { id: string; delete: true };

/** What a deploy sends: the document with what is to go. */
export type ProjectPayload = Project & {
  project_credentials: CredentialDocument[];
  collections?: (CollectionDocument | Deletion)[];
  keychain_credentials?: KeychainDocument[];
  env?: string | null;
  workflows: (WorkflowPayload | Deletion)[];
};

export type WorkflowPayload = Workflow & {
  jobs: (JobDocument | Deletion)[];
  triggers: (TriggerDocument | Deletion)[];
  edges: (EdgeDocument | Deletion)[];
};

/**
 * The same with maps instead of lists, as OpenFn's CLI keeps it beside project.yaml (projectState.json; reference:
 * toolchain §4.3): the key of a record there is its key in project.yaml.
 */
export type StateDocument = Project & {
  project_credentials: Record<string, CredentialDocument>;
  collections?: Record<string, CollectionDocument | Deletion>;
  keychain_credentials?: Record<string, KeychainDocument>;
  env?: string | null;
  workflows: Record<string, WorkflowState>;
};

export type WorkflowState = Workflow & {
  jobs: Record<string, JobDocument | Deletion>;
  triggers: Record<string, TriggerDocument | Deletion>;
  edges: Record<string, EdgeDocument | Deletion>;
};
