import { log } from "@/lib/log";
import type { EgressPolicy } from "@/lib/net/egress-policy";
import { shownHost } from "@/lib/net/egress-policy";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { collectionsAdaptor, collectionsEndpoint, mentionsCollections } from "@/lib/runner/collections";
import { compiledJob } from "@/lib/runner/compiler/compile-cache";
import { type CompiledJob, CompileError } from "@/lib/runner/compiler/index";
import type {
  LogLine,
  StepError,
  StepLimits,
  StepRequest,
  StepResult,
  WouldBeRequest,
} from "@/lib/runner/contract";
import { Broker } from "@/lib/runner/egress/broker";
import { type Asking, Door } from "@/lib/runner/egress/door";
import type { Journal, StepTrace } from "@/lib/runner/journal/journal";
import { stepLimits } from "@/lib/runner/limits";
import { MemoryWatch } from "@/lib/runner/pool/memory-watch";
import {
  AdaptorLoadError,
  type Lease,
  NoWorkerError,
  StoppingError,
  type Want,
  type WorkerPool,
} from "@/lib/runner/pool/pool";
import { NotBegunError, type WorkerEnd, WorkerEndedError } from "@/lib/runner/pool/worker-end";
import type { Done, WorkerProcess } from "@/lib/runner/pool/worker-process";
import { refOf } from "@/lib/runner/results";
import { decideConditions, undecided } from "./conditions";
import {
  endFailure,
  type Failure,
  failure,
  type JobMap,
  jobFailure,
  jobMap,
  killFailure,
  stateError,
} from "./errors";
import { Scrubber } from "./scrub";
import { StepLog } from "./step-log";
import type { NotBegun } from "./step-registry";
import { newToken } from "./token";

export type StepHost = {
  pool: WorkerPool;
  policy: EgressPolicy;
  limits: StepLimits;
  journal: Journal;
  /** A built adaptor of an exact version. Throws a sentence. */
  artefact(name: string, version: string): Promise<Artefact>;
};

type Answer = { done: Done } | { failure: Failure };

const hiddenNote =
  "The result holds a value of a credential: the next step gets it as it is, and *** is shown in its place";
const cancelledCause = { type: "CancelledError", message: "The run was cancelled" };
const noJob = { operations: [], locate: () => null };
const credentialList = "this job's credential may be sent only to the hosts on its list";

/**
 * Runs one step to its end. Never throws: whatever happens becomes the result, or, while no worker could be had for it,
 * why it has not begun. `emit` sees log lines as they come; aborting `signal` ends the job's process.
 */
export async function executeStep(
  host: StepHost,
  request: StepRequest,
  emit: (line: LogLine) => void,
  signal: AbortSignal,
  asking: Asking | null = null,
): Promise<StepResult | NotBegun> {
  const trace = host.journal.begin(refOf(request));
  const step = new Step(host, request, { emit, signal, asking }, trace);
  try {
    return await step.execute();
  } catch (error) {
    if (error instanceof NoWorkerError || error instanceof StoppingError) {
      log.warn("A step was not begun", { step: request.stepId, error });
      return { notBegun: error.message };
    }
    const message = error instanceof Error ? error.message : String(error);
    return step.aborted(failure({ type: "RunnerError", message }));
  } finally {
    trace.end();
  }
}

/** Who hears the step, may end it, and answers what its job asks; null: nobody does. */
type Said = { emit: (line: LogLine) => void; signal: AbortSignal; asking: Asking | null };

/** A credential that names collections of its own is left alone: they are another installation's. */
function withCollections({ configuration, collections }: StepRequest): Record<string, unknown> | null {
  if (!collections || configuration?.collections_endpoint !== undefined) return configuration;
  const own = { collections_endpoint: collectionsEndpoint, collections_token: collections.token };
  return { ...configuration, ...own };
}

class Step {
  readonly signal: AbortSignal;
  readonly #startedAt = performance.now();
  /** The job's, and for one that may use collections what its adaptor asks with. */
  readonly #configuration: Record<string, unknown> | null;
  readonly #door: Door | null;
  readonly #limits: StepLimits;
  readonly #scrubber: Scrubber;
  readonly #log: StepLog;
  readonly #token = newToken();
  #broker: Broker | null = null;
  /** How its worker ended, when it did not answer. */
  #end: WorkerEnd | null = null;
  #peakMemoryMb: number | null = null;
  #connections: StepResult["connections"] = [];

  constructor(
    readonly host: StepHost,
    readonly request: StepRequest,
    { emit, signal, asking }: Said,
    readonly trace: StepTrace,
  ) {
    this.signal = signal;
    this.#limits = stepLimits(request.limits, host.limits);
    const { token } = request.collections ?? {};
    this.#configuration = withCollections(request);
    this.#scrubber = new Scrubber(this.#configuration, request.hidden);
    this.#log = new StepLog(this.#scrubber, this.#limits, emit);
    this.#door = token && asking ? new Door(token, asking) : null;
  }

  async execute(): Promise<StepResult> {
    const { name, version } = this.request.job.adaptor;
    let artefact: Artefact;
    try {
      artefact = await this.host.artefact(name, version);
    } catch (error) {
      const failed = failure({ type: "AdaptorLoadError", message: messageOf(error) });
      return { ...this.#ended(failed), lacksAdaptor: true };
    }
    const { projectId, job: given } = this.request;
    let also: Artefact | null;
    try {
      also = await this.#also();
    } catch (error) {
      return this.aborted(failure({ type: "AdaptorLoadError", message: messageOf(error) }));
    }
    let job: CompiledJob;
    try {
      job = await compiledJob(projectId, given.source, artefact, also);
    } catch (error) {
      return this.aborted(this.#compileFailure(error));
    }
    return this.#onWorker({ ...this.#want(artefact), extra: job.usesAlso ? also : null }, job);
  }

  /** The adaptor that a job has besides its own, when it mentions it. */
  async #also(): Promise<Artefact | null> {
    const { name, version } = collectionsAdaptor;
    const { source, adaptor } = this.request.job;
    if (adaptor.name === name || !mentionsCollections(source)) return null;
    return this.host.artefact(name, version);
  }

  async #onWorker(want: Want, job: CompiledJob): Promise<StepResult> {
    try {
      return await this.host.pool.withWorker(want, (lease) => this.#onLease(lease, job));
    } catch (error) {
      return this.aborted(this.#workerFailure(error));
    }
  }

  /** Throws NotBegunError, with nothing logged or sent. */
  async #onLease(lease: Lease, job: CompiledJob): Promise<StepResult> {
    let isReusable = false;
    const { worker } = lease;
    const cancel = () => worker.kill(cancelledCause);
    this.signal.addEventListener("abort", cancel);
    if (this.signal.aborted) cancel();
    try {
      const map = jobMap(this.request.job.source, job);
      const answer = await this.#run(lease, job, map);
      const result = await this.#finish(worker, answer, map);
      isReusable = result.reason === "success" || result.reason === "fail";
      return result;
    } finally {
      this.signal.removeEventListener("abort", cancel);
      lease.release(isReusable);
    }
  }

  /** A credential that comes without its id, values of another one, and code that may be nobody's, get a process to themselves. */
  #want(artefact: Artefact): Want {
    const { projectId, runId, credentialId, configuration, egress, isAlone = false } = this.request;
    const isUnnamed = configuration !== null && credentialId === null;
    return {
      ...{ projectId, runId, credentialId, artefact, heapMb: this.#limits.memoryMb, signal: this.signal },
      isAlone: isAlone || isUnnamed || this.#holdsOthers() || egress?.record === true,
    };
  }

  /** The input holds values of a credential that is not the job's own. */
  #holdsOthers(): boolean {
    const { hidden, configuration } = this.request;
    if (!hidden?.length) return false;
    const own = new Set(new Scrubber(configuration).values);
    return hidden.some((value) => !own.has(value));
  }

  /** The job itself, under deadline, memory watch and broker. */
  async #run({ worker, beginMs, watch }: Lease, job: CompiledJob, map: JobMap): Promise<Answer> {
    const { timeoutMs } = this.#limits;
    const broker = this.#makeBroker(worker);
    watch(() => broker.isConnected);
    const memory = new MemoryWatch(worker);
    const message = `Job took longer than ${timeoutMs}ms to complete`;
    const deadline = setTimeout(() => worker.kill({ type: "TimeoutError", message }), timeoutMs);
    try {
      const message = this.#messageBytes();
      const done = await worker.run(
        this.#runHeader(job, message),
        this.request.input,
        {
          log: (line, bytes) => {
            if (!this.#log.fromWorker(line, bytes))
              worker.kill({ type: "LogLimitError", message: "The step logs too much" });
          },
          network: (message) => broker.request(message),
          outgoing: (id, bytes) => broker.fromWorker(id, bytes),
        },
        message,
        beginMs,
      );
      return done.error ? { failure: jobFailure(done.error, map), done } : { done };
    } catch (error) {
      if (error instanceof NotBegunError || !(error instanceof WorkerEndedError)) throw error;
      this.#end = error.end;
      return { failure: endFailure(error.end, map) };
    } finally {
      clearTimeout(deadline);
      this.#peakMemoryMb = memory.stop();
      this.#connections = broker.close();
    }
  }

  #makeBroker(worker: WorkerProcess): Broker {
    const { maxConnections, maxNetworkBytes } = this.#limits;
    const { onlyHosts, credentialHosts } = this.request.egress ?? {};
    const message = `The step moved more than ${Math.round(maxNetworkBytes / 1e6)} MB over the network`;
    this.#broker = new Broker({
      policy: this.host.policy
        .of(this.request.projectId)
        .narrowed(onlyHosts)
        .within(credentialHosts, credentialList),
      door: this.#door,
      isDryRun: this.request.egress?.record === true,
      maxConnections,
      maxNetworkBytes,
      reach: (host, port) => this.trace.reach(this.#hostShown(shownHost(host)), port),
      event: (event) => worker.netEvent(event),
      data: (id, bytes) => worker.netData(id, bytes),
      onTooManyBytes: () => worker.kill({ type: "EgressLimitError", message }),
    });
    return this.#broker;
  }

  /** The message's bytes, as sent and without codings; none for a job that asks for none. */
  #messageBytes(): Buffer[] {
    const { message } = this.request;
    if (!message) return [];
    return [message.body, message.plain ?? ""].map((text) => Buffer.from(text, "base64"));
  }

  #runHeader(job: CompiledJob, [body, plain]: Buffer[]) {
    const { maxStateBytes, maxLogLines, maxLogBytes } = this.#limits;
    const { egress, message } = this.request;
    const record = egress?.record === true;
    return {
      token: this.#token,
      code: job.code,
      configuration: this.#configuration,
      ...(message
        ? {
            message: {
              bodyBytes: body?.length ?? 0,
              plainBytes: plain?.length ?? 0,
              files: message.files,
            },
          }
        : {}),
      maxStateBytes,
      maxLogLines,
      maxLogBytes,
      record,
    };
  }

  async #finish(worker: WorkerProcess, answer: Answer & { done?: Done }, map: JobMap): Promise<StepResult> {
    const { done } = answer;
    const failed = "failure" in answer ? answer.failure : null;
    if (failed && failed.reason !== "fail") return this.aborted(failed);
    const output = failed
      ? this.#failedOutput(failed.error, done?.text ?? "")
      : checkedOutput(done?.text ?? "");
    if (output === null) {
      worker.kill({ type: "Lost", message: "The result is not JSON" });
      return this.aborted(endFailure({ kind: "violation", message: "its result is not JSON" }, map));
    }
    const { request } = this;
    const conditions = await decideConditions(worker, request.conditions, output).catch((error: unknown) => {
      if (!(error instanceof NotBegunError)) throw error;
      return undecided(request.conditions, "the job left something running that keeps its process busy");
    });
    const shown = this.#scrubber.json(output);
    if (shown) this.#log.note("warn", hiddenNote);
    this.#logEnd(failed);
    return {
      reason: failed?.reason ?? "success",
      output,
      ...(shown ? { shown } : {}),
      error: failed ? this.#scrubbed(failed.error) : null,
      conditions: this.#scrubbedConditions(conditions),
      durationMs: this.#elapsedMs(),
      peakMemoryMb: this.#peakMemoryMb,
      connections: this.#shownConnections(),
      ...(request.egress?.record
        ? { requests: done?.requests.map((item) => this.#scrubbedRequest(item)) ?? [] }
        : {}),
    };
  }

  #scrubbedRequest(item: WouldBeRequest): WouldBeRequest {
    const text = (value: string): string => this.#scrubber.text(value);
    const headers = Object.entries(item.headers).map(([key, value]) => [text(key), text(value)] as const);
    return {
      ...item,
      host: shownHost(item.host),
      path: text(item.path),
      headers: Object.fromEntries(headers),
      body: text(item.body),
    };
  }

  /** OpenFn's rule: a failed step hands on its input, changes in place included, with the error under the job's id. */
  #failedOutput(error: StepError, text: string): string | null {
    const state = parsed(text) ?? parsed(this.request.input);
    if (typeof state !== "object" || state === null || Array.isArray(state)) return null;
    const before: unknown = Reflect.get(state, "errors");
    const errors = {
      ...(typeof before === "object" ? before : null),
      [this.request.job.id]: stateError(error, this.request.job.id),
    };
    return JSON.stringify({ ...state, errors });
  }

  #scrubbed(error: StepError): StepError {
    const details = this.#scrubber.value(error.details);
    const message = this.#scrubber.text(error.message);
    return { ...error, message, ...(details === undefined ? {} : { details }) };
  }

  #scrubbedConditions(decided: StepResult["conditions"]): StepResult["conditions"] {
    const shown = Object.entries(decided).map(
      ([id, one]) => [id, typeof one === "boolean" ? one : this.#scrubbed(one)] as const,
    );
    return Object.fromEntries(shown);
  }

  /** A credential may name its host in any field: a whole name of a host that was asked for is none of its secrets. */
  #shownConnections(): StepResult["connections"] {
    return this.#connections.map((one) => ({ ...one, host: this.#hostShown(one.host) }));
  }

  #hostShown(host: string): string {
    return this.#scrubber.values.includes(host) ? host : this.#scrubber.text(host);
  }

  #compileFailure(error: unknown): Failure {
    if (!(error instanceof CompileError)) throw error;
    const { type, said: message, line, column, hint } = error;
    const source = (this.request.job.source.split("\n")[line - 1] ?? "").slice(0, 1000);
    return failure({ type, message, position: { line, column, source }, ...(hint ? { hint } : {}) });
  }

  /** Throws what is no end of a job: NoWorkerError, StoppingError, and mistakes of our own. */
  #workerFailure(error: unknown): Failure {
    if (this.signal.aborted) return killFailure(cancelledCause);
    if (error instanceof AdaptorLoadError)
      return failure({ type: "AdaptorLoadError", message: error.message });
    // It had not enough memory for its adaptor.
    if (error instanceof WorkerEndedError)
      return endFailure(error.end, jobMap(this.request.job.source, noJob));
    throw error;
  }

  /** The result of a step that hands nothing on. */
  aborted(failed: Failure): StepResult {
    this.#logEnd(failed);
    return this.#ended(failed);
  }

  #ended(failed: Failure): StepResult {
    return {
      reason: failed.reason,
      output: null,
      error: this.#scrubbed(failed.error),
      conditions: {},
      durationMs: this.#elapsedMs(),
      peakMemoryMb: this.#peakMemoryMb,
      connections: this.#shownConnections(),
      ...(this.#isUntouched(failed) ? { untouched: true } : {}),
    };
  }

  /** Lost by our fault and not by the job's own, and nothing had left. */
  #isUntouched({ reason }: Failure): boolean {
    return reason === "lost" && this.#end?.kind !== "violation" && this.trace.hosts.length === 0;
  }

  #logEnd(failed: Failure | null): void {
    const { name } = this.request.job;
    if (!failed) return;
    const { type, message, position } = failed.error;
    const place = position ? ` (${position.line}:${position.column})` : "";
    this.#log.note("error", `${name} aborted: ${type}: ${message.slice(0, 2000)}${place}`);
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The worker's JSON, when it is JSON. */
const checkedOutput = (text: string): string | null => (parsed(text) === undefined ? null : text);

/** Undefined for text that is not JSON, which a hostile worker may send. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
