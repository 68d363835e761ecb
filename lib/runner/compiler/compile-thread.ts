import { Worker } from "node:worker_threads";
import { FairQueue } from "@/lib/runner/pool/fair-queue";
import { compileThreadFile } from "@/lib/runner/pool/worker-file";
import type { CheckOptions } from "./check";
import { type CompiledJob, CompileError, type CompileOptions, type PackedJob, unpackJob } from "./index";
import type { CompileAnswer, CompileRequest } from "./thread";

type Task = { request: CompileRequest; resolve(job: PackedJob | null): void; reject(error: Error): void };
type Settings = { timeoutMs: number; maxWaiting: number; heapMb: number };

const defaults: Settings = { timeoutMs: 60_000, maxWaiting: 64, heapMb: 1024 };
const idleMs = 30_000;
const splitHint = "Split it into several steps.";

/**
 * Compiles in one thread, so that a source made to compile slowly blocks nobody's events. Projects take turns. The thread
 * is started when it is needed, and ended when a source takes too long or too much memory.
 */
export class CompileThread {
  readonly #settings: Settings;
  readonly #queue = new FairQueue<Task>();
  #worker: Worker | null = null;
  #task: Task | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: Partial<Settings> = {}) {
    this.#settings = { ...defaults, ...settings };
  }

  /** Rejects with CompileError as `compile` does, also for a source that takes too long; with Error when too many wait. */
  async compile(projectId: string, source: string, options: CompileOptions): Promise<CompiledJob> {
    const job = await this.#ask(projectId, { source, options });
    if (!job) throw new Error("The compiler answered without a job.");
    return unpackJob(source, job);
  }

  /** Resolves to what keeps a job from compiling, or null; rejects when too many wait. */
  async check(projectId: string, source: string, check: CheckOptions): Promise<CompileError | null> {
    try {
      await this.#ask(projectId, { source, check });
      return null;
    } catch (error) {
      if (error instanceof CompileError) return error;
      throw error;
    }
  }

  #ask(projectId: string, request: CompileRequest): Promise<PackedJob | null> {
    if (this.#queue.size >= this.#settings.maxWaiting)
      return Promise.reject(new Error("Too many large jobs wait to be compiled. Try again in a minute."));
    return new Promise((resolve, reject) => {
      this.#queue.push(projectId, { request, resolve, reject });
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#task) return;
    this.#task = this.#queue.take(() => true);
    clearTimeout(this.#timer);
    if (!this.#task) {
      this.#timer = setTimeout(() => this.#end(), idleMs);
      this.#timer.unref();
      return;
    }
    const { request } = this.#task;
    try {
      this.#worker ??= this.#start(await compileThreadFile());
    } catch (error) {
      this.#settle((task) => task.reject(error instanceof Error ? error : new Error(String(error))));
      return;
    }
    this.#timer = setTimeout(
      () => this.#giveUp("The code takes too long to compile"),
      this.#settings.timeoutMs,
    );
    this.#worker.postMessage(request);
  }

  #start(file: string): Worker {
    const worker = new Worker(file, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#settings.heapMb },
    });
    worker.unref();
    worker.on("message", (answer: CompileAnswer) => {
      if (worker === this.#worker) this.#settle((task) => deliver(task, answer));
    });
    worker.on("error", () => {
      if (worker === this.#worker) this.#giveUp("The code needs too much memory to compile");
    });
    return worker;
  }

  #giveUp(message: string): void {
    this.#end();
    this.#settle((task) => task.reject(new CompileError("SyntaxError", message, 1, 1, { hint: splitHint })));
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #settle(act: (task: Task) => void): void {
    clearTimeout(this.#timer);
    const task = this.#task;
    this.#task = null;
    if (task) act(task);
    void this.#next();
  }
}

function deliver({ resolve, reject }: Task, answer: CompileAnswer): void {
  if ("job" in answer) resolve(answer.job);
  else if ("failure" in answer) reject(new Error(answer.failure));
  else {
    const { type, message, line, column, ...more } = answer.error;
    reject(new CompileError(type, message, line, column, more));
  }
}
