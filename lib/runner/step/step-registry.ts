import type { LogLine, StepEvent, StepRequest, StepResult } from "@/lib/runner/contract";

export type Follower = { event(event: StepEvent): void };
type Run = (request: StepRequest, emit: (line: LogLine) => void, signal: AbortSignal) => Promise<StepResult>;

type Known = {
  lines: LogLine[];
  bytes: number;
  result: StepResult | null;
  followers: Set<Follower>;
  abort: AbortController;
  finishedAt: number;
};

const keepFinishedMs = 10 * 60_000;
const maxKeptLogBytes = 64 * 1024 * 1024;
const maxKeptOutputChars = 256 * 1024 * 1024;
const maxFinished = 2_000;
const lineOverheadBytes = 120;
const tidyEveryMs = 15_000;

/**
 * The steps that run, and for a while those that have finished, with what they said: asking for a step again follows
 * it instead of running it again, and an engine that was restarted can pick its steps up.
 */
export class StepRegistry {
  readonly #run: Run;
  readonly #steps = new Map<string, Known>();
  readonly #tidy: NodeJS.Timeout;

  constructor(run: Run) {
    this.#run = run;
    this.#tidy = setInterval(() => this.#forgetOld(), tidyEveryMs);
    this.#tidy.unref();
  }

  get running(): number {
    return [...this.#steps.values()].filter((step) => step.result === null).length;
  }

  /** Starts the step unless it is known; either way `follower` sees every event from the first. */
  start(request: StepRequest, follower: Follower): () => void {
    if (!this.#steps.has(request.stepId)) this.#begin(request);
    return this.follow(request.stepId, follower) ?? (() => undefined);
  }

  /** Replays a step and goes on live. Answers how to leave, or null when the step is not known. */
  follow(stepId: string, follower: Follower): (() => void) | null {
    const step = this.#steps.get(stepId);
    if (!step) return null;
    for (const line of step.lines) follower.event({ type: "log", line });
    if (step.result) follower.event({ type: "result", result: step.result });
    else step.followers.add(follower);
    return () => step.followers.delete(follower);
  }

  /** Ends a running step; its result says so. False when it is not known. */
  cancel(stepId: string): boolean {
    const step = this.#steps.get(stepId);
    step?.abort.abort();
    return step !== undefined;
  }

  /** Drops a finished step. One that still runs is ended first and dropped with its result. */
  forget(stepId: string): boolean {
    const step = this.#steps.get(stepId);
    if (!step) return false;
    if (step.result) this.#steps.delete(stepId);
    else {
      step.abort.abort();
      step.followers.add({ event: ({ type }) => type === "result" && this.#steps.delete(stepId) });
    }
    return true;
  }

  /** Resolves when no step runs, or when the time is up. */
  async drain(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (this.running > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Steps that still run end with their workers, as lost: nobody asked to cancel them. */
  close(): void {
    clearInterval(this.#tidy);
  }

  #begin(request: StepRequest): void {
    const step: Known = {
      lines: [],
      bytes: 0,
      result: null,
      followers: new Set(),
      abort: new AbortController(),
      finishedAt: 0,
    };
    this.#steps.set(request.stepId, step);
    const emit = (line: LogLine) => {
      step.lines.push(line);
      step.bytes += line.message.length + lineOverheadBytes;
      for (const follower of step.followers) follower.event({ type: "log", line });
    };
    void this.#run(request, emit, step.abort.signal).then((result) => {
      step.result = result;
      step.finishedAt = performance.now();
      for (const follower of step.followers) follower.event({ type: "result", result });
      step.followers.clear();
      if (this.#steps.size > maxFinished) this.#forgetOld();
    });
  }

  /** Keeps memory bounded: old steps go, then the oldest steps' lines, then the oldest steps. */
  #forgetOld(): void {
    const finished = [...this.#steps].filter(([, step]) => step.result !== null);
    let logBytes = finished.reduce((sum, [, step]) => sum + step.bytes, 0);
    let outputChars = finished.reduce((sum, [, step]) => sum + outputSize(step), 0);
    for (const [index, [stepId, step]] of finished.entries()) {
      const isOld = performance.now() - step.finishedAt > keepFinishedMs;
      if (isOld || finished.length - index > maxFinished || outputChars > maxKeptOutputChars) {
        this.#steps.delete(stepId);
        outputChars -= outputSize(step);
        logBytes -= step.bytes;
      } else if (logBytes > maxKeptLogBytes) {
        logBytes -= step.bytes;
        step.lines = [];
        step.bytes = 0;
      }
    }
  }
}

const outputSize = (step: Known): number => step.result?.output?.length ?? 0;
