import type { ExactJson } from "@/lib/exact-json";
import type {
  downloadRoles,
  EdgeCondition,
  MaskableRole,
  TriggerType,
  WebhookReply,
  WhenRunning,
} from "@/lib/words";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One version of a workflow, complete enough to run without asking anything else. Stored in `snapshots.graph`. */
export type WorkflowGraph = {
  name: string;
  concurrency: number | null;
  triggers: TriggerNode[];
  jobs: JobNode[];
  edges: Edge[];
  positions: Record<string, { x: number; y: number }> | null;
  /** Where a message says what must be processed in order, e.g. `data.patient.id`. */
  orderKey: string | null;
  /** False: what its jobs write to the console is not kept (OpenFn: enable_job_logs). Null = true. */
  jobLogs: boolean | null;
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
  /** flow, catch: the job of another workflow of the project that it follows. */
  sourceJobId: string | null;
  /** cron: IANA name, null = UTC. */
  timeZone: string | null;
  /** cron: what becomes of a time at which the run before is still under way. Null = queue: it waits for its end. */
  whenRunning: WhenRunning | null;
  /** webhook: what its address may end in, after the project's id, instead of its own id. */
  customPath: string | null;
  /** webhook: a GET is a message too, its query the data. */
  takesGet: boolean | null;
  /** webhook: answers as OpenRosa's form clients expect. */
  openRosa: boolean | null;
  /** webhook: where a delivery's id is, besides the usual headers. */
  deliveryId: DeliveryRule | null;
  /** webhook: messages a minute, more are refused with 429. */
  ratePerMinute: number | null;
};

/** Where senders name a delivery: a header (lower case), or a path of the body such as `data.id`; and for how long it counts. */
export type DeliveryRule = { header?: string; path?: string; hours?: number };

/** What a project masks, for whom (lib/domain/mask). */
export type Protection = {
  /** JSON paths. */
  masks: string[];
  maskedRoles: MaskableRole[];
  revealRoles: MaskableRole[];
  noDownloadRoles: (typeof downloadRoles)[number][];
};

/** A place of messages whose value is redacted before they are stored: a path of the state that they are to a job. */
export type Redaction = { path: string };

/** Days for which something of a success, or of anything else, is kept; null = as long as the history. */
export type DaysOf = { success: number | null; failure: number | null };

/** How long a project keeps what. */
export type Retention = {
  /** What messages said: path, query, headers and body. */
  messages: DaysOf;
  /** What steps returned, and states that runs began with and that have no name. */
  dataclips: DaysOf;
  /** Lines of logs, and what errors say beyond their types. */
  logs: DaysOf;
  /** Work orders with their runs and steps, and their messages; null = for ever. */
  history: number | null;
};

export type JobNode = {
  id: string;
  name: string;
  body: string;
  /** As written, e.g. `@openfn/language-http@latest`. */
  adaptor: string;
  /** What `adaptor` was resolved to; exact. Null: it could not be had, so the job cannot run until another one is chosen. */
  adaptorVersion: string | null;
  projectCredentialId: string | null;
  /** Instead of one: a keychain, which chooses one by the step's input. */
  keychainCredentialId: string | null;
  /** When it is tried again by itself. Null = never. */
  retry: RetryPolicy | null;
  /** The entry of the project's library that its code is of, and its version there. */
  libraryJobId: string | null;
  libraryVersion: number | null;
};

export type RetryPolicy = {
  /** All of them, the first included: 2 to 20. */
  attempts: number;
  /** Before the second; doubles from there, with jitter. */
  delaySeconds: number;
  /** The longest pause. */
  maxDelaySeconds: number;
  /** Which errors are worth another attempt; null = every failure. */
  errorTypes: string[] | null;
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
