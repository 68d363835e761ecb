import type { ExactJson } from "@/lib/exact-json";
import type { EdgeCondition, TriggerType, WebhookReply } from "@/lib/words";

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
  /** What a message must contain, in exact decimals. */
  inclusion: ExactJson | null;
  exclusion: ExactJson | null;
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

/** `type` is the seed's word: JobError, TypeError, SyntaxError, OomError, TimeoutError … */
export type StepError = {
  type: string;
  /** Of a JobError that the adaptor threw: what it calls it, else OpenFn's AdaptorError. */
  adaptorType?: string;
  message: string;
  /** Where in the job's source, 1-based; `source` is that line's text. */
  position?: { line: number; column: number; source: string };
  /** The operation that was running, e.g. `get`, and its line. */
  operation?: { name: string; line: number };
  /** What the adaptor or the error object said besides, bounded. */
  details?: unknown;
  /** What to do about it, where we know. */
  hint?: string;
};

/** One connection a step opened or was refused: the egress audit trail. */
export type Connection = {
  host: string;
  port: number;
  address: string | null;
  bytesSent: number;
  /** This and the duration are null of a step whose runner ended with it. */
  bytesReceived: number | null;
  durationMs: number | null;
  refused?: string;
};
