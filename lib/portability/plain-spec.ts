import type { ExactJson } from "@/lib/exact-json";
import type { RetryPolicy } from "@/lib/workflow/types";
import type { RetryDocument } from "./document";
import type { EdgeSpec, JobSpec, ProjectSpec, TriggerSpec, WorkflowSpec } from "./spec";

type Plain<T> = Record<string, T> | null;

/** project.yaml as plain data: OpenFn's grammar with our extensions. What is absent was not said. */
export type PlainSpec = {
  name: string;
  description?: string | null;
  env?: string | null;
  credentials?: Plain<{ name: string; owner: string }>;
  collections?: Plain<{ name: string }>;
  keychain_credentials?: Plain<{ name: string; path: string; default_credential?: string }>;
  workflows?: Plain<PlainWorkflow>;
};

export type PlainWorkflow = {
  name: string;
  concurrency?: number;
  order_key?: string;
  enable_job_logs?: boolean;
  jobs?: Plain<PlainJob>;
  triggers?: Plain<PlainTrigger>;
  edges?: Plain<PlainEdge>;
};

export type PlainJob = {
  name: string;
  adaptor: string;
  /** OpenFn's CLI puts the text of a file beside its path. */
  body: string | { path?: string; content?: string };
  credential?: string | null;
  keychain_credential?: string;
  retry?: RetryDocument;
  library_entry?: string;
  library_version?: number;
};

export type PlainTrigger = {
  type?: string;
  enabled?: boolean;
  cron_expression?: string;
  cron_cursor_job?: string;
  webhook_reply?: string;
  webhook_response_config?: { success_code?: number; error_code?: number };
  kafka_configuration?: { hosts?: string[] };
  custom_path?: string;
  time_zone?: string;
  when_running?: string;
  source_job?: { workflow: string; job: string };
  takes_get?: boolean;
  open_rosa?: boolean;
  delivery_id?: { header?: string; path?: string; hours?: number };
  rate_per_minute?: number;
  inclusion?: ExactJson;
  exclusion?: ExactJson;
};

export type PlainEdge = {
  source_trigger?: string;
  source_job?: string;
  target_job?: string;
  condition_type?: string;
  condition_expression?: string | null;
  condition_label?: string | null;
  enabled?: boolean;
};

/** A parsed spec as plain data again; nulls are left out, but for `credential`. */
export const plainSpec = (spec: ProjectSpec): PlainSpec => ({
  name: spec.name,
  ...said({ description: spec.description, env: spec.env }),
  credentials: spec.credentials,
  collections: spec.collections,
  keychain_credentials: mapped(spec.keychains, ({ name, path, defaultCredential }) => ({
    name,
    path,
    ...said({ default_credential: defaultCredential }),
  })),
  workflows: mapped(spec.workflows, plainWorkflow),
});

const plainWorkflow = (workflow: WorkflowSpec): PlainWorkflow => ({
  name: workflow.name,
  ...said({
    concurrency: workflow.concurrency,
    order_key: workflow.orderKey,
    enable_job_logs: workflow.jobLogs,
  }),
  jobs: mapped(workflow.jobs, plainJob),
  triggers: mapped(workflow.triggers, plainTrigger),
  edges: mapped(workflow.edges, plainEdge),
});

const plainJob = (job: JobSpec): PlainJob => ({
  name: job.name,
  adaptor: job.adaptor,
  body: job.body,
  credential: job.credential,
  ...said({
    keychain_credential: job.keychain,
    retry: job.retry && retryDocument(job.retry),
    library_entry: job.libraryEntry,
    library_version: job.libraryVersion,
  }),
});

/** A retry policy in the words of project.yaml. */
export const retryDocument = (retry: RetryPolicy): RetryDocument => ({
  attempts: retry.attempts,
  delay_seconds: retry.delaySeconds,
  max_delay_seconds: retry.maxDelaySeconds,
  ...said({ error_types: retry.errorTypes }),
});

const plainTrigger = (trigger: TriggerSpec): PlainTrigger => ({
  type: trigger.type,
  ...said({
    enabled: trigger.enabled,
    cron_expression: trigger.cronExpression,
    cron_cursor_job: trigger.cronCursorJob,
    webhook_reply: trigger.webhookReply,
    webhook_response_config: trigger.webhookResponseConfig,
    custom_path: trigger.customPath,
    time_zone: trigger.timeZone,
    when_running: trigger.whenRunning,
    source_job: trigger.sourceJob,
    takes_get: trigger.takesGet,
    open_rosa: trigger.openRosa,
    delivery_id: trigger.deliveryId,
    rate_per_minute: trigger.ratePerMinute,
    inclusion: trigger.inclusion,
    exclusion: trigger.exclusion,
  }),
});

const plainEdge = (edge: EdgeSpec): PlainEdge => ({
  ...said({ source_trigger: edge.sourceTrigger, source_job: edge.sourceJob }),
  target_job: edge.targetJob,
  condition_type: edge.conditionType,
  ...said({ condition_expression: edge.conditionExpression, condition_label: edge.conditionLabel }),
  enabled: edge.enabled,
});

const mapped = <T, U>(items: Record<string, T>, toValue: (item: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(items).map(([key, item]) => [key, toValue(item)]));

/** The values that are there. */
export const said = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
