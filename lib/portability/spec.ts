import type { ExactJson } from "@/lib/exact-json";
import type { EdgeCondition, TriggerType, WebhookReply, WhenRunning } from "@/lib/words";
import type { DeliveryRule, RetryPolicy } from "@/lib/workflow/types";

/**
 * The portability specification (v1 project.yaml) in memory. Keys are identities within the file; triggers of type
 * `message_filter` with `inclusion` and `exclusion` are ours, after platform v1.
 */
export type ProjectSpec = {
  name: string;
  description: string | null;
  /** Ours: the environment that its jobs get credentials of. */
  env: string | null;
  credentials: Record<string, CredentialSpec>;
  /** Ours: OpenFn's files say nothing of keychains, and its tools leave the key alone. */
  keychains: Record<string, KeychainSpec>;
  collections: Record<string, CollectionSpec>;
  workflows: Record<string, WorkflowSpec>;
};

export type CollectionSpec = { name: string };

export type CredentialSpec = { name: string; owner: string };

export type KeychainSpec = {
  name: string;
  path: string;
  /** Key in the project's `credentials`. */
  defaultCredential: string | null;
};

export type WorkflowSpec = {
  name: string;
  concurrency: number | null;
  /** Ours: a path such as `data.patient.id`. */
  orderKey: string | null;
  /** OpenFn's `enable_job_logs`. */
  jobLogs: boolean | null;
  jobs: Record<string, JobSpec>;
  triggers: Record<string, TriggerSpec>;
  edges: Record<string, EdgeSpec>;
};

export type JobSpec = {
  name: string;
  adaptor: string;
  /** Key in the project's `credentials`. */
  credential: string | null;
  /** Instead of one: key in the project's `keychain_credentials`. */
  keychain: string | null;
  body: string;
  /** Ours: OpenFn's tools leave a job's key `retry` alone. */
  retry: RetryPolicy | null;
  /** The library entry and the version that the body is of: ours. The body is there besides, so others need neither. */
  libraryEntry: string | null;
  libraryVersion: number | null;
};

export type TriggerSpec = {
  type: TriggerType;
  /** Null = not said: as it is, or enabled where it is new. */
  enabled: boolean | null;
  webhookReply: WebhookReply | null;
  webhookResponseConfig: { success_code?: number; error_code?: number } | null;
  customPath: string | null;
  /** Null = not said, which is no. */
  takesGet: boolean | null;
  openRosa: boolean | null;
  deliveryId: DeliveryRule | null;
  ratePerMinute: number | null;
  cronExpression: string | null;
  /** Key of a job. */
  cronCursorJob: string | null;
  timeZone: string | null;
  whenRunning: WhenRunning | null;
  /** flow, catch: the job of another workflow that it follows. */
  sourceJob: JobPlace | null;
  inclusion: ExactJson | null;
  exclusion: ExactJson | null;
};

/** A job of a project, by its keys; in the file `<workflow>/<job>`. */
export type JobPlace = { workflow: string; job: string };

/** One source; sources and target are keys. */
export type EdgeSpec = {
  sourceTrigger: string | null;
  sourceJob: string | null;
  targetJob: string;
  conditionType: EdgeCondition;
  conditionLabel: string | null;
  conditionExpression: string | null;
  enabled: boolean;
};
