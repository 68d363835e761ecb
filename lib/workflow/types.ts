import type { EdgeCondition, TriggerType, WebhookReply } from "@/db/schema/constants";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One version of a workflow, complete enough to run without asking anything else. Stored in `snapshots.graph`. */
export type WorkflowGraph = {
  name: string;
  concurrency: number | null;
  triggers: TriggerNode[];
  jobs: JobNode[];
  edges: Edge[];
  positions: Record<string, { x: number; y: number }> | null;
};

export type TriggerNode = {
  id: string;
  type: TriggerType;
  enabled: boolean;
  inclusion: Json | null;
  exclusion: Json | null;
  cronExpression: string | null;
  cronCursorJobId: string | null;
  webhookReply: WebhookReply | null;
  webhookResponseConfig: { success_code?: number; error_code?: number } | null;
};

export type JobNode = {
  id: string;
  name: string;
  body: string;
  /** As written, e.g. `@openfn/language-http@latest`. */
  adaptor: string;
  /** Exact version that `adaptor` was pinned to. */
  adaptorVersion: string;
  projectCredentialId: string | null;
};

/** Exactly one of `sourceTriggerId` and `sourceJobId` is set. */
export type Edge = {
  id: string;
  sourceTriggerId: string | null;
  sourceJobId: string | null;
  targetJobId: string;
  conditionType: EdgeCondition;
  /** JavaScript expression over `state`; only for `js_expression`. */
  conditionExpression: string | null;
  conditionLabel: string | null;
  enabled: boolean;
};
