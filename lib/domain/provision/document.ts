import { iso, isoOrNull } from "@/db/rows";
import type {
  EdgeDocument,
  JobDocument,
  ProjectDocument,
  TriggerDocument,
  WorkflowDocument,
} from "@/lib/portability/document";
import { inMapOrder } from "@/lib/portability/state";
import type { Edge, JobNode, RetryPolicy, TriggerNode } from "@/lib/workflow/types";
import type { Current, CurrentWorkflow } from "./current";

/**
 * A project as OpenFn's provisioning API has it. A key that its command line would not send back is left out, or it
 * would see a difference for ever; with `extensions`, what only we have is there too.
 */
export function documentOf(
  { project, workflows, credentials, keychains, collections, library }: Current,
  { extensions = false }: { extensions?: boolean } = {},
): ProjectDocument {
  return inMapOrder({
    id: project.id,
    name: project.name,
    description: project.description,
    inserted_at: iso(project.createdAt),
    updated_at: iso(project.updatedAt),
    scheduled_deletion: isoOrNull(project.deletesAt),
    requires_mfa: project.requireSecondFactor,
    retention_policy: project.persistence,
    history_retention_period: project.retention?.history ?? null,
    dataclip_retention_period: project.retention?.dataclips.success ?? null,
    concurrency: project.concurrency,
    allow_support_access: false,
    color: null,
    ...(extensions && project.env === null ? {} : { env: project.env }),
    parent_id: null,
    project_credentials: credentials.map(({ id, name, owner }) => ({ id, name, owner })),
    ...(extensions && keychains.length > 0 ? { keychain_credentials: keychains.map(keychainDocument) } : {}),
    ...(collections.length > 0 ? { collections } : {}),
    workflows: workflows.map((workflow) =>
      workflowDocument(workflow, project.id, extensions ? library : null),
    ),
  });
}

const keychainDocument = (keychain: Current["keychains"][number]) => ({
  id: keychain.id,
  name: keychain.name,
  path: keychain.path,
  default_credential_id: keychain.defaultProjectCredentialId,
});

/** Names of library entries: with our extensions. */
type Library = ReadonlyMap<string, string> | null;

function workflowDocument(
  { id, lockVersion, createdAt, updatedAt, versionHistory, graph }: CurrentWorkflow,
  projectId: string,
  library: Library,
): WorkflowDocument {
  return {
    id,
    name: graph.name,
    project_id: projectId,
    inserted_at: iso(createdAt),
    updated_at: iso(updatedAt),
    deleted_at: null,
    lock_version: lockVersion,
    concurrency: graph.concurrency,
    ...(versionHistory ? { version_history: versionHistory } : {}),
    ...(library ? withoutNulls({ order_key: graph.orderKey, enable_job_logs: graph.jobLogs }) : {}),
    jobs: graph.jobs.map((job) => jobDocument(job, library)),
    triggers: graph.triggers.map((trigger) => triggerDocument(trigger, library !== null)),
    edges: graph.edges.map(edgeDocument),
  };
}

function jobDocument(job: JobNode, library: Library): JobDocument {
  const { id, name, adaptor, body, projectCredentialId } = job;
  const document = { id, name, adaptor, body, project_credential_id: projectCredentialId };
  if (!library) return document;
  // Of an entry that is not there any more it is a job like any other.
  const entry = library.get(job.libraryJobId ?? "") ?? null;
  return {
    ...document,
    ...withoutNulls({
      keychain_credential_id: job.keychainCredentialId,
      retry: job.retry && retryDocument(job.retry),
      library_entry: entry,
      library_version: entry === null ? null : job.libraryVersion,
    }),
  };
}

const retryDocument = ({ attempts, delaySeconds, maxDelaySeconds, errorTypes }: RetryPolicy) =>
  withoutNulls({
    attempts,
    delay_seconds: delaySeconds,
    max_delay_seconds: maxDelaySeconds,
    error_types: errorTypes,
  });

/** A trigger in OpenFn's words, as far as its command line knows them. */
export const triggerColumns = (trigger: TriggerNode) => ({
  id: trigger.id,
  type: trigger.type,
  enabled: trigger.enabled,
  cron_expression: trigger.cronExpression,
  cron_cursor_job_id: trigger.cronCursorJobId,
  webhook_reply: trigger.webhookReply,
  webhook_response_config: trigger.webhookResponseConfig,
});

function triggerDocument(trigger: TriggerNode, isExtended: boolean): TriggerDocument {
  return withoutNulls({
    ...triggerColumns(trigger),
    ...(isExtended
      ? {
          // OpenFn's command line knows none, so it would see a difference.
          custom_path: trigger.customPath,
          inclusion: trigger.inclusion,
          exclusion: trigger.exclusion,
          time_zone: trigger.timeZone,
          when_running: trigger.whenRunning,
          source_job_id: trigger.sourceJobId,
          takes_get: trigger.takesGet,
          open_rosa: trigger.openRosa,
          delivery_id: trigger.deliveryId,
          rate_per_minute: trigger.ratePerMinute,
        }
      : {}),
  });
}

const edgeDocument = (edge: Edge): EdgeDocument => withoutNulls(edgeColumns(edge));

/** An edge in OpenFn's words. */
export const edgeColumns = (edge: Edge) => ({
  id: edge.id,
  enabled: edge.enabled,
  source_trigger_id: edge.sourceTriggerId,
  source_job_id: edge.sourceJobId,
  target_job_id: edge.targetJobId,
  condition_type: edge.conditionType,
  condition_label: edge.conditionLabel,
  condition_expression: edge.conditionExpression,
});

type WithoutNulls<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: NonNullable<T[K]>;
};

const withoutNulls = <T extends object>(record: T): WithoutNulls<T> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as WithoutNulls<T>;
