import type { ExitReason, LogLevel, LogSource } from "@/lib/words";
import type { Connection, StepError } from "@/lib/workflow/types";

export type { Connection, StepError };

/**
 * What the engine asks of the runner and what it gets back. The engine talks HTTP over a unix socket (or loopback /
 * network with a token); bodies are these types as JSON, answers to a step are lines of JSON (`StepEvent`).
 */
export type StepRequest = {
  /** Asking twice for the same attempt never runs the job twice: the second call follows the first's events. */
  stepId: string;
  /** Of the executor that asks: the newest is obeyed. 0 when absent, as for dry runs, which nobody takes over. */
  epoch?: number;
  /** How often the step was tried before without having done anything outside. 0 when absent. */
  attempt?: number;
  runId: string;
  projectId: string;
  job: {
    id: string;
    name: string;
    source: string;
    adaptor: { name: string; version: string };
  };
  /** JSON text of the state, without `configuration`. Passed to the worker as it is. */
  input: string;
  /** The run's message, for a job that asks for bytes. */
  message?: MessageBytes;
  /** The decrypted credential, merged into the state as `configuration` by the worker. Null when the job has none. */
  configuration: Record<string, unknown> | null;
  /**
   * Names the credential among the project's, and says nothing of its secret: only steps with the same one, or all with
   * none, may follow each other in a worker. A configuration without it shares its worker with no step.
   */
  credentialId: string | null;
  /** js_expression edges that leave this job, evaluated on the step's output in the same worker. */
  conditions: EdgeExpression[];
  limits?: Partial<StepLimits>;
  egress?: EgressPolicy;
  /** For a job that mentions collections: what it proves itself by at the door to its project's, and nowhere else. */
  collections?: { token: string };
  /** Values in `input` that are not to be shown: what `Shown.hidden` said of the step that handed it on. */
  hidden?: string[];
  /** Its code may be one that nobody has saved: its worker serves no other step. */
  isAlone?: boolean;
};

/** A message's bytes, in base64: as they were sent, and without their content codings when its files are in those. */
export type MessageBytes = {
  body: string;
  plain?: string;
  files: { start: number; end: number; isBase64?: boolean }[];
};

export type EdgeExpression = { edgeId: string; expression: string };

export type StepLimits = {
  /** Wall clock for the whole step. */
  timeoutMs: number;
  memoryMb: number;
  maxStateBytes: number;
  maxLogLines: number;
  maxLogBytes: number;
  maxConnections: number;
  maxNetworkBytes: number;
};

export type EgressPolicy = {
  /** When set, only these hosts (`host` or `host:port`) may be reached. The operator's denials hold in any case. */
  onlyHosts?: string[];
  /** Where the credential may be sent, when its owner says so. Narrows: a host must be on both lists. */
  credentialHosts?: string[];
  /**
   * Dry run: nothing is sent. Requests are kept in the result and answered with an empty success. Its code may be one
   * that nobody has saved, so its worker serves no other step.
   */
  record?: boolean;
};

/** Whose word about a step counts: that of the highest epoch, about the attempt that it knows of. */
export type StepRef = { stepId: string; epoch: number; attempt: number };

export type StepEvent =
  | { type: "log"; line: LogLine }
  | { type: "result"; result: StepResult }
  /** Something that whoever follows the step answers for it, once. */
  | { type: "ask"; ask: Ask }
  /** The runner lives; one every `beatEveryMs`, whatever the step does. */
  | { type: "beat" }
  /** No worker could be had: nothing of the step has begun, and the runner has forgotten it. */
  | { type: "not_started"; message: string }
  /** A newer epoch has taken the step over: this stream ends, the step goes on. */
  | { type: "superseded" };

/** A request of the step's job to its project's collections, `path` with its query. */
export type Ask = {
  id: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
};

/** A part of an answer, the first with its head; the last may be empty. */
export type AnswerPart = {
  stepId: string;
  askId: string;
  /** From 0. */
  seq: number;
  isLast: boolean;
  head?: { status: number; headers: Record<string, string> };
};

export const beatEveryMs = 2_000;

/** A host to which a step has sent something, and how much at least. */
export type Reached = { host: string; port: number; bytesSent: number };

/** What became of a step that somebody started. */
export type StepFate =
  | { kind: "result"; result: StepResult }
  /** It has not begun, and from now on no older epoch can start it in this life. */
  | { kind: "never_started" }
  /** It is over and its result is not to be had. `hosts` is what it had reached by then; null when nobody knows. */
  | { kind: "gone"; hosts: Reached[] | null };

/** `seq` counts from 0 within the step; `at` is milliseconds since the epoch. */
export type LogLine = { seq: number; at: number; level: LogLevel; source: LogSource; message: string };

export type StepResult = {
  reason: ExitReason;
  /** JSON text of the state handed on; for `fail` the input with `errors[jobId]`; null for anything that aborts. */
  output: string | null;
  /** What to show in the place of `output`. Absent when it holds nothing of a credential. */
  shown?: Shown;
  /** As it is shown: what `output` says of it under `errors` is the job's own. */
  error: StepError | null;
  /** Per `conditions` entry: followed, not followed, or why it could not be decided (aborts the run). */
  conditions: Record<string, boolean | StepError>;
  /** Null when nobody measured it. */
  durationMs: number | null;
  peakMemoryMb: number | null;
  connections: Connection[];
  /** What a dry run would have sent. Absent otherwise. */
  requests?: WouldBeRequest[];
  /** The adaptor could not be had and nothing was started or logged: given its artefact, the step can be run. */
  lacksAdaptor?: true;
  /** Lost by our fault before it sent its first byte to anybody: doing it again does nothing twice. */
  untouched?: true;
};

/** A state as it is shown, JSON text with `***` for values of credentials, and which values these are. */
export type Shown = { text: string; hidden: string[] };

/** A request that a dry run kept instead of sending; `body` is text, cut at 64 KB. Secrets are masked. */
export type WouldBeRequest = {
  host: string;
  port: number;
  secure: boolean;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
};

/** A built adaptor as the runner describes it after `resolveAdaptor`. */
export type AdaptorInfo = {
  name: string;
  /** Exact. */
  version: string;
  integrity: string | null;
  exports: string[];
  credentialSchema: unknown;
  operations: AdaptorOperation[];
  overrides: Record<string, string> | null;
  artefactHash: string;
};

export type AdaptorOperation = {
  name: string;
  description: string;
  params: { name: string; description: string }[];
  /** How it is called, as its author shows it. */
  examples: { caption: string; code: string }[];
};

/** In no order. `latest` is what that tag stands for. */
export type PublishedVersions = { versions: string[]; latest: string | null };

export type RunnerHealth = {
  ok: boolean;
  /** Uuid of this start of the process: what it knows of steps ends with it. */
  life: string;
  /** For people: which machine it is. */
  name: string;
  /** Steps that it runs at once, and how many it has. */
  capacity: number;
  running: number;
  /** It is being stopped: what runs goes on, nothing new is taken. */
  isDraining: boolean;
  runtime: string;
  /** Active isolation layers, strongest last, e.g. ["deno-permissions", "rlimits", "uid", "no-new-privs"]. */
  isolation: string[];
  workers: { blank: number; idle: number; busy: number; limit: number };
  waiting: number;
};

/** Nothing of the step was begun, and nothing will be by this call: it may be given to another runner, or again. */
export class NotStartedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`The job runner did not start the step: ${reason}`, options);
    this.name = "NotStartedError";
  }
}

/** A newer epoch has taken the step over: what this caller asked for was not done, and it has no say any more. */
export class SupersededError extends Error {
  constructor() {
    super("Another executor has taken the step over.");
    this.name = "SupersededError";
  }
}

/** The runner was out of reach for the whole patience: what became of the step is not known. */
export class NotReachableError extends Error {
  constructor(options?: ErrorOptions) {
    super("The job runner cannot be reached.", options);
    this.name = "NotReachableError";
  }
}

/**
 * The engine's view of one runner. `lib/runner/client.ts` implements it over HTTP, for one life of the runner when it is
 * told which. What asks about steps throws `SupersededError` when a newer epoch has spoken; no call waits without end.
 */
export type Runner = {
  /**
   * Runs a step, or follows it when this attempt is already known. `onLog` sees lines in order, live. Aborting `signal`
   * cancels the step. Throws NotStartedError while nothing has begun; once something may have, contact that stays away
   * is a `lost` result.
   */
  runStep(request: StepRequest, onLog: (lines: LogLine[]) => void, signal?: AbortSignal): Promise<StepResult>;
  /** Follows a step that somebody started. Throws NotReachableError after its patience. */
  followStep(ref: StepRef, onLog: (lines: LogLine[]) => void): Promise<StepFate>;
  /** Ends a step as cancelled; one that has not arrived yet, as soon as it does. */
  cancelStep(stepId: string): Promise<void>;
  /** Forgets a step whose result is stored. Never ends one: what still runs is forgotten at its end. */
  forgetStep(ref: StepRef): Promise<void>;
  /** Evaluates conditions without a job: edges that leave a trigger. `input` is the state as JSON text. */
  evaluate(projectId: string, input: string, conditions: EdgeExpression[]): Promise<StepResult["conditions"]>;
  /** Pins and, when needed, installs and builds an adaptor. `version` is exact or a dist-tag. Throws a sentence for the user. */
  resolveAdaptor(name: string, version: string): Promise<AdaptorInfo>;
  listAdaptors(): Promise<AdaptorInfo[]>;
  /** What the registry has of an adaptor, built or not; nothing where it has none. Throws a sentence for the user. */
  publishedVersions(name: string): Promise<PublishedVersions>;
  /** A built adaptor as one file, without code caches. `hash` is its `artefactHash`. Throws when it is not stored. */
  exportArtefact(hash: string): Promise<Uint8Array>;
  /** Gives the runner a file that `exportArtefact` made. Throws when it is not the one that `hash` names. */
  importArtefact(hash: string, bytes: Uint8Array): Promise<AdaptorInfo>;
  health(): Promise<RunnerHealth>;
};

/** What is asked of the one life that a step was given to. All else is asked of whoever answers. */
export type StepRunner = Pick<Runner, "runStep" | "followStep" | "cancelStep" | "forgetStep">;
