/**
 * A project as OpenFn's provisioning API has it (reference: platform §2.2.1). `GET /api/provision/:id` answers it, and
 * `POST /api/provision` takes it, with lists or with maps. Every record has an id that its client made.
 */
export type ProjectDocument = {
  id: string;
  name: string;
  description: string | null;
  project_credentials: CredentialDocument[];
  /** Left out where there are none: with an empty list OpenFn's CLI would see a difference for ever. */
  collections?: CollectionDocument[];
  workflows: WorkflowDocument[];
  /** What else OpenFn's server says of a project; its tools send it back. */
  [column: string]: unknown;
};

export type CredentialDocument = { id: string; name: string; owner: string };
export type CollectionDocument = { id: string; name: string };

export type WorkflowDocument = {
  id: string;
  name: string;
  lock_version: number | null;
  version_history?: string[];
  jobs: JobDocument[];
  triggers: TriggerDocument[];
  edges: EdgeDocument[];
  [column: string]: unknown;
};

export type JobDocument = {
  id: string;
  name: string;
  adaptor: string;
  body: string;
  project_credential_id: string | null;
  /** Ours, of the same words as in project.yaml, and only where they were asked for (`?extensions=true`). */
  [extension: string]: unknown;
};

/** Keys without a value are left out. */
export type TriggerDocument = {
  id: string;
  type: string;
  enabled: boolean;
  cron_expression?: string;
  cron_cursor_job_id?: string;
  webhook_reply?: string;
  webhook_response_config?: { success_code?: number; error_code?: number };
  custom_path?: string;
  [extension: string]: unknown;
};

/** Keys without a value are left out. */
export type EdgeDocument = {
  id: string;
  enabled: boolean;
  source_trigger_id?: string;
  source_job_id?: string;
  target_job_id: string;
  condition_type: string;
  condition_label?: string;
  condition_expression?: string;
};

/** What is to go. */
export type Deletion = { id: string; delete: true };

/**
 * The same with maps instead of lists, as OpenFn's CLI keeps it beside project.yaml (projectState.json; reference:
 * toolchain §4.3): the key of a record there is its key in project.yaml.
 */
export type StateDocument = Omit<ProjectDocument, "project_credentials" | "collections" | "workflows"> & {
  project_credentials: Record<string, CredentialDocument>;
  collections?: Record<string, CollectionDocument | Deletion>;
  workflows: Record<string, WorkflowState>;
};

export type WorkflowState = Omit<WorkflowDocument, "jobs" | "triggers" | "edges"> & {
  jobs: Record<string, JobDocument | Deletion>;
  triggers: Record<string, TriggerDocument | Deletion>;
  edges: Record<string, EdgeDocument | Deletion>;
};
