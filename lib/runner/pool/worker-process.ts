import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import type { Artefact } from "@/lib/runner/adaptors/artefact";
import { maxStderrChars } from "@/lib/runner/limits";
import {
  connectionId,
  encodeFrame,
  type Frame,
  FrameReader,
  frameType,
  headed,
  joinBelowBytes,
  ProtocolError,
  splitConnectionData,
} from "@/lib/runner/protocol/frames";
import {
  type CheckedLog,
  maxPayloadFromWorker,
  parseBegun,
  parseCrash,
  parseDone,
  parseEvaluated,
  parseLog,
  parseNetRequest,
  parseReady,
  parseRested,
  parseStray,
} from "@/lib/runner/protocol/from-worker";
import type {
  DescribedError,
  EvaluatedMessage,
  EvaluateHeader,
  NetEvent,
  NetRequest,
  ReadyMessage,
  RunHeader,
} from "@/lib/runner/protocol/messages";
import { isComputing, residentMb, usage } from "@/lib/runner/sandbox/proc";
import { ProcessTree } from "@/lib/runner/sandbox/process-tree";
import {
  type SandboxPaths,
  type SandboxPlan,
  takeUid,
  workerCommand,
  workerEnvironment,
} from "@/lib/runner/sandbox/sandbox";
import { loadPayload } from "./load-payload";
import {
  isOutOfMemory,
  type KillCause,
  NotBegunError,
  neverBooted,
  type WorkerEnd,
  WorkerEndedError,
} from "./worker-end";

export type WorkerOptions = { plan: SandboxPlan; paths: SandboxPaths; heapMb: number };

export type Done = ReturnType<typeof parseDone>;

/** Who gets what a running step's worker says besides its answer. */
export type StepListener = {
  log(line: CheckedLog, bytes: number): void;
  network(request: NetRequest): void;
  outgoing(id: number, bytes: Buffer): void;
};

type Waiting<T> = { resolve(value: T): void; reject(error: Error): void };

/** Frames that only a running step sends. */
const stepFrames = new Set<number>([frameType.log, frameType.netRequest, frameType.netOut, frameType.stray]);
const maxStrayFrames = 1_000;
const maxOutgoingBytes = 64 * 1024 * 1024;
/** Long, because a starved machine is no reason to end a worker that boots. */
const bootMs = 30_000;
const loadMs = 30_000;
const neverLoaded: KillCause = { type: "Lost", message: "The worker did not load its adaptor in time" };
/** How long what an earlier step left may hold the process up while another runs. */
const strayMs = 3_000;
const defaultBeginMs = 20_000;
const leftover: KillCause = {
  type: "Lost",
  message: "Something that an earlier job had left running held the job's process up",
};

/** One worker process and the conversation with it. Every byte it writes is checked; a wrong one ends it. */
export class WorkerProcess {
  readonly heapMb: number;
  readonly startedAt = performance.now();
  /** Settles when the program has booted. */
  readonly booted: Promise<void>;
  /** Settles, never rejects, when the process is gone. */
  readonly ended: Promise<WorkerEnd>;
  readonly #process: ChildProcess;
  readonly #tree: ProcessTree;
  readonly #reader: FrameReader;
  #end: WorkerEnd | null = null;
  #cause: KillCause | null = null;
  #crash: DescribedError | null = null;
  #violation: string | null = null;
  #stderr = "";
  #ready: Waiting<ReadyMessage> | null = null;
  #done: (Waiting<Done> & { token: number }) | null = null;
  #evaluated: (Waiting<EvaluatedMessage> & { token: number }) | null = null;
  /** What it was asked for last, and whether it has said that nothing of that keeps it busy. */
  #asked: { token: number; isOver: boolean } | null = null;
  #rest: Waiting<void> | null = null;
  /** The work that it was asked for and has not begun. */
  #begins: { token: number; deadline: NodeJS.Timeout } | null = null;
  /** Set while something of an earlier step runs in this one's time. */
  #stray: NodeJS.Timeout | null = null;
  #listener: StepListener | null = null;
  #maxStateBytes = 0;
  #isInspecting = false;
  #strays = 0;

  constructor({ plan, paths, heapMb }: WorkerOptions) {
    this.heapMb = heapMb;
    this.#reader = new FrameReader((type) =>
      maxPayloadFromWorker(type, this.#maxStateBytes, this.#isInspecting),
    );
    const [file = "", ...args] = [
      ...plan.wrap(paths, takeUid()),
      ...workerCommand(paths, heapMb, plan.layers.includes("uid")),
    ];
    const env = workerEnvironment as NodeJS.ProcessEnv;
    this.#process = spawn(file, args, { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"] });
    this.#tree = new ProcessTree(this.#process);
    this.ended = this.#watch();
    const boots = this.#expect<ReadyMessage>((waiting) => (this.#ready = waiting));
    this.booted = this.#inTime(boots, bootMs, neverBooted).then(() => undefined);
    this.booted.catch(() => undefined);
  }

  get isAlive(): boolean {
    return this.#end === null && this.#cause === null && this.#violation === null;
  }

  /** Process id of what was spawned: a wrapper, where the sandbox needs one, else the worker itself. */
  get pid(): number | null {
    return this.#tree.pid;
  }

  /** Process id of the worker proper, below whatever the sandbox put in front of it. */
  leafPid(): number | null {
    return this.#tree.leafPid();
  }

  /** Resident memory of the worker proper, null when it cannot be told. */
  residentMb(): number | null {
    const pid = this.leafPid();
    return pid === null ? null : residentMb(pid);
  }

  /** Resident memory and processor time so far of the worker proper, null when they cannot be told. */
  usage(): ReturnType<typeof usage> {
    const pid = this.leafPid();
    return pid === null ? null : usage(pid);
  }

  /** Whether the worker proper has a core, or waits for one. */
  isComputing(): boolean {
    const pid = this.leafPid();
    return pid !== null && isComputing(pid);
  }

  /** Gives the worker its adaptor. Rejects with the reason when the adaptor does not load. */
  async load(artefact: Artefact, inspect = false): Promise<ReadyMessage> {
    await this.booted;
    this.#isInspecting = inspect;
    const answer = this.#expect<ReadyMessage>((waiting) => (this.#ready = waiting));
    this.#send(frameType.load, ...loadPayload(artefact, inspect));
    return inspect ? answer : this.#inTime(answer, loadMs, neverLoaded);
  }

  /** Gives the worker an adaptor besides the one that it has. Rejects as `load` does. */
  async loadExtra(artefact: Artefact): Promise<ReadyMessage> {
    const answer = this.#expect<ReadyMessage>((waiting) => (this.#ready = waiting));
    this.#send(frameType.load, ...loadPayload(artefact, false, true));
    return this.#inTime(answer, loadMs, neverLoaded);
  }

  /**
   * Runs one step; `listener` hears the worker until the answer. `bytes` are the message's, as the header says. Rejects
   * with WorkerEndedError; with NotBegunError when the worker did not say within `beginMs` that it begins.
   */
  run(
    header: RunHeader,
    state: string,
    listener: StepListener,
    bytes: Uint8Array[] = [],
    beginMs = defaultBeginMs,
  ): Promise<Done> {
    this.#listener = listener;
    this.#maxStateBytes = header.maxStateBytes;
    const { token } = header;
    const answer = this.#expect<Done>((waiting) => (this.#done = { ...waiting, token }));
    this.#ask(token, beginMs);
    this.#send(frameType.run, ...headed(header, Buffer.from(state), ...bytes));
    return answer.finally(() => {
      this.#listener = null;
      this.#letGo();
    });
  }

  /** Decides conditions. Rejects as `run` does. */
  evaluate(header: EvaluateHeader, state: string, beginMs = defaultBeginMs): Promise<EvaluatedMessage> {
    const { token } = header;
    const answer = this.#expect<EvaluatedMessage>((waiting) => (this.#evaluated = { ...waiting, token }));
    this.#ask(token, beginMs);
    this.#send(frameType.evaluate, ...headed(header, Buffer.from(state)));
    return answer;
  }

  /** Whether the worker says in time that nothing of what it was asked for last keeps it busy. */
  async rested(timeoutMs: number): Promise<boolean> {
    if (!this.isAlive) return false;
    if (!this.#asked || this.#asked.isOver) return true;
    const answer = this.#expect<void>((waiting) => (this.#rest = waiting)).then(
      () => true,
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  netEvent(event: NetEvent): void {
    this.#send(frameType.netEvent, Buffer.from(JSON.stringify(event)));
  }

  netData(id: number, bytes: Uint8Array): void {
    this.#send(frameType.netData, connectionId(id), bytes);
  }

  /** Ends the process at once. The first cause is the one that counts. */
  kill(cause: KillCause): void {
    this.#cause ??= cause;
    this.#terminate();
  }

  #watch(): Promise<WorkerEnd> {
    const { stdin, stdout, stderr } = this.#process;
    stdin?.on("error", () => undefined);
    stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    stderr?.on("data", (chunk: Buffer) => {
      if (this.#stderr.length < maxStderrChars) this.#stderr += chunk.toString().slice(0, maxStderrChars);
    });
    return new Promise((resolve) => {
      const finish = (code: number | null, signal: string | null) => {
        this.#end ??= this.#reason(code, signal);
        const error = this.#begins ? new NotBegunError(this.#end) : new WorkerEndedError(this.#end);
        clearTimeout(this.#begins?.deadline);
        for (const waiting of [this.#ready, this.#done, this.#evaluated, this.#rest]) waiting?.reject(error);
        resolve(this.#end);
      };
      this.#process.once("close", finish);
      this.#process.once("error", (error) => {
        this.#stderr += error.message;
        finish(null, null);
      });
    });
  }

  #reason(code: number | null, signal: string | null): WorkerEnd {
    if (this.#violation !== null) return { kind: "violation", message: this.#violation };
    // Whatever else it ended of, time or memory: the step's own job was not at work.
    if (this.#stray && this.#cause?.type !== "CancelledError") return { kind: "killed", cause: leftover };
    if (this.#cause) return { kind: "killed", cause: this.#cause };
    if (this.#crash) return { kind: "crashed", error: this.#crash };
    if (isOutOfMemory(this.#stderr)) return { kind: "out-of-memory" };
    return { kind: "exited", code, signal, stderr: this.#stderr };
  }

  /** Ends the process when the answer takes longer. */
  #inTime<T>(answer: Promise<T>, ms: number, late: KillCause): Promise<T> {
    const deadline = setTimeout(() => this.kill(late), ms);
    return answer.finally(() => clearTimeout(deadline));
  }

  #ask(token: number, ms: number): void {
    this.#asked = { token, isOver: false };
    this.#strays = 0;
    const message = "The worker did not begin what it was asked for";
    const deadline = setTimeout(() => this.kill({ type: "Lost", message }), ms);
    this.#begins = { token, deadline };
  }

  #expect<T>(register: (waiting: Waiting<T>) => void): Promise<T> {
    if (this.#end) return Promise.reject(new WorkerEndedError(this.#end));
    return new Promise((resolve, reject) => register({ resolve, reject }));
  }

  #send(type: number, ...parts: Uint8Array[]): void {
    const { stdin } = this.#process;
    if (!stdin?.writable || this.#end) return;
    const frame = encodeFrame(type, ...parts);
    const size = frame.reduce((sum, part) => sum + part.length, 0);
    if (size < joinBelowBytes) stdin.write(Buffer.concat(frame, size));
    else {
      stdin.cork();
      for (const part of frame) stdin.write(part);
      stdin.uncork();
    }
    if (stdin.writableLength > maxOutgoingBytes + this.#maxStateBytes)
      this.#violate("the worker does not read");
  }

  #receive(chunk: Buffer): void {
    if (this.#violation !== null || this.#end) return;
    this.#reader.push(chunk);
    try {
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) this.#handle(frame);
    } catch (error) {
      this.#violate(error instanceof Error ? error.message : "it cannot be read");
    }
  }

  #violate(message: string): void {
    this.#violation ??= message;
    this.#terminate();
  }

  #terminate(): void {
    if (this.#end === null) this.#tree.terminate();
  }

  #handle({ type, payload }: Frame): void {
    if (!this.#listener && stepFrames.has(type)) this.#onStray();
    else if (type === frameType.log) this.#onLog(payload);
    else if (type === frameType.netRequest) this.#listener?.network(parseNetRequest(payload));
    else if (type === frameType.netOut) this.#onOutgoing(payload);
    else if (type === frameType.done) this.#onDone(payload);
    else if (type === frameType.evaluated) this.#onEvaluated(payload);
    else if (type === frameType.ready) this.#onReady(payload);
    else if (type === frameType.crash) this.#crash ??= parseCrash(payload);
    else if (type === frameType.rested) this.#onRested(payload);
    else if (type === frameType.begun) this.#onBegun(payload);
    else if (type === frameType.stray) this.#onLeftover(payload);
  }

  #onBegun(payload: Buffer): void {
    if (parseBegun(payload).token !== this.#begins?.token)
      throw new ProtocolError("a beginning that nobody asked for");
    clearTimeout(this.#begins.deadline);
    this.#begins = null;
  }

  /** Something of an earlier step runs in this one's time: it may, but not for long. */
  #onLeftover(payload: Buffer): void {
    const { isOver } = parseStray(payload);
    this.#letGo();
    if (!isOver) this.#stray = setTimeout(() => this.kill(leftover), strayMs);
  }

  #letGo(): void {
    if (this.#stray) clearTimeout(this.#stray);
    this.#stray = null;
  }

  /** Conditions follow a job at once: that it rests after the job is said when it may have been asked for them. */
  #onRested(payload: Buffer): void {
    const asked = this.#asked;
    if (parseRested(payload).token !== asked?.token || asked.isOver) this.#onStray();
    else {
      asked.isOver = true;
      this.#rest?.resolve();
      this.#rest = null;
    }
  }

  /** What a job left running may still say a little after its end; more than that is an attack on our time. */
  #onStray(): void {
    this.#strays += 1;
    if (this.#strays > maxStrayFrames) throw new ProtocolError("too many frames outside a step");
  }

  #onReady(payload: Buffer): void {
    const waiting = this.#ready;
    if (!waiting) throw new ProtocolError("an unasked answer to a load");
    this.#ready = null;
    this.#tree.settle();
    waiting.resolve(parseReady(payload));
  }

  #onLog(payload: Buffer): void {
    const line = parseLog(payload);
    if (this.#done && line.token === this.#done.token) this.#listener?.log(line, payload.length);
  }

  #onOutgoing(payload: Buffer): void {
    const { id, bytes } = splitConnectionData(payload);
    this.#listener?.outgoing(id, bytes);
  }

  #onDone(payload: Buffer): void {
    const waiting = this.#done;
    if (!waiting) throw new ProtocolError("a result that nobody asked for");
    const done = parseDone(payload);
    if (done.token !== waiting.token) throw new ProtocolError("a result of another step");
    this.#done = null;
    waiting.resolve(done);
  }

  #onEvaluated(payload: Buffer): void {
    const waiting = this.#evaluated;
    if (!waiting) throw new ProtocolError("conditions that nobody asked for");
    const message = parseEvaluated(payload);
    if (message.token !== waiting.token) throw new ProtocolError("conditions of another step");
    this.#evaluated = null;
    waiting.resolve(message);
  }
}
