import type { AnswerPart, LogLine, StepEvent, StepRef, StepRequest, StepResult } from "@/lib/runner/contract";
import type { Asking } from "@/lib/runner/egress/door";
import { cancelledResult, refOf } from "@/lib/runner/results";
import { StepAsks, type Taken } from "./step-asks";
import { type Mark, StepMemory } from "./step-memory";

export type Follower = { event(event: StepEvent): void };

/** No worker could be had: the step has not begun, and whoever asked may ask another runner. */
export type NotBegun = { notBegun: string };

type Run = (
  request: StepRequest,
  emit: (line: LogLine) => void,
  signal: AbortSignal,
  asking: Asking,
) => Promise<StepResult | NotBegun>;

/** What became of asking for a step. */
export type Entry =
  | { kind: "following"; leave(): void }
  /** A newer epoch, or a later attempt, is known. Nothing was changed. */
  | { kind: "superseded" }
  | { kind: "never_started" }
  /** It was here, is over, and its result is not kept any more. It is never started again. */
  | { kind: "gone" }
  /** The attempt before it has not ended. */
  | { kind: "busy" }
  | { kind: "draining" };

type Known = {
  attempt: number;
  lines: LogLine[];
  bytes: number;
  result: StepResult | null;
  /** With the epoch under which each follows. */
  followers: Map<Follower, number>;
  asks: StepAsks;
  abort: AbortController;
  finishedAt: number;
  /** Dropped as soon as it has ended. */
  isForgotten: boolean;
};

/** Whoever stores a result has it forgotten. What is still here waits for a database that is away, or full, for a night. */
const keepFinishedMs = 12 * 3_600_000;
const maxKeptLogBytes = 64 * 1024 * 1024;
const maxKeptOutputChars = 256 * 1024 * 1024;
const maxFinished = 2_000;
const lineOverheadBytes = 120;
const tidyEveryMs = 15_000;

/**
 * The steps that run, and for a while those that have finished, with what they said: asking for a step again follows
 * it instead of running it again, and an engine that was restarted can pick its steps up. An attempt is run at most once
 * in this life; of several who speak about a step, the one of the highest epoch is obeyed, and the others are told so.
 */
export class StepRegistry {
  readonly #run: Run;
  readonly #steps = new Map<string, Known>();
  readonly #memory: StepMemory;
  readonly #tidy: NodeJS.Timeout;
  #isDraining = false;
  #running = 0;

  constructor(run: Run, memory = new StepMemory()) {
    this.#run = run;
    this.#memory = memory;
    this.#tidy = setInterval(() => this.#forgetOld(), tidyEveryMs);
    this.#tidy.unref();
  }

  get running(): number {
    return this.#running;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Starts the step unless this attempt is known; either way `follower` sees every event from the first. `call` numbers
   * the starts of one epoch, so that `follow` can revoke one of which nobody knows whether it will still arrive.
   */
  start(request: StepRequest, follower: Follower, call = 0): Entry {
    const ref = refOf(request);
    const step = this.#steps.get(ref.stepId);
    if (this.#isOlder(ref, step)) return { kind: "superseded" };
    if (this.#memory.isOutOfMemory(ref.stepId)) return { kind: "gone" };
    const mark = this.#raise(ref);
    if (step?.attempt === ref.attempt) return this.#join(ref, step, follower);
    if (call <= mark.call) return { kind: "superseded" };
    if (step && step.result === null) return { kind: "busy" };
    if (mark.over >= ref.attempt) return { kind: "gone" };
    if (this.#isDraining) return { kind: "draining" };
    return this.#join(ref, this.#begin(request, ref, mark), follower);
  }

  /**
   * Replays a step and goes on live. One that is not known cannot be started by an older epoch from now on, nor by the
   * starts of this epoch up to `call`.
   */
  follow(ref: StepRef, follower: Follower, call = -1): Entry {
    const step = this.#steps.get(ref.stepId);
    if (this.#isOlder(ref, step)) return { kind: "superseded" };
    if (this.#memory.isOutOfMemory(ref.stepId)) return { kind: "gone" };
    const mark = this.#raise(ref);
    if (step?.attempt === ref.attempt) return this.#join(ref, step, follower);
    if (mark.over >= ref.attempt) return { kind: "gone" };
    mark.call = Math.max(mark.call, call);
    return { kind: "never_started" };
  }

  /** Ends a running step; its result says so. One that has not come yet ends so as soon as it does. */
  cancel(stepId: string): void {
    if (this.#memory.isOutOfMemory(stepId)) return;
    this.#memory.note(stepId).isCancelled = true;
    this.#steps.get(stepId)?.abort.abort();
    this.#trim();
  }

  /** Drops a finished step, and one that still runs as soon as it has ended. False when a newer epoch is known. */
  forget(ref: StepRef): boolean {
    const step = this.#steps.get(ref.stepId);
    if (this.#isOlder(ref, step)) return false;
    if (this.#memory.isOutOfMemory(ref.stepId)) return true;
    const mark = this.#raise(ref);
    if (step && step.result === null) {
      step.isForgotten = true;
      // What is forgotten is a later attempt than the one that runs: it is never started either.
      if (ref.attempt > step.attempt) mark.over = Math.max(mark.over, ref.attempt);
    } else this.#drop(ref.stepId, ref);
    return true;
  }

  /** Hands a part of an answer to what the step's job has asked. */
  async answer(part: AnswerPart, bytes: Uint8Array): Promise<Taken> {
    return (await this.#steps.get(part.stepId)?.asks.answer(part, bytes)) ?? "gone";
  }

  /** Takes nothing new from now on. Resolves when no step runs, when the time is up, or when `hurry` aborts. */
  async drain(timeoutMs: number, hurry?: AbortSignal): Promise<void> {
    this.#isDraining = true;
    const until = performance.now() + timeoutMs;
    while (this.#running > 0 && performance.now() < until && !hurry?.aborted)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Steps that still run end with their workers, as lost: nobody asked to cancel them. */
  close(): void {
    this.#isDraining = true;
    clearInterval(this.#tidy);
  }

  /** Whether something newer is known: an epoch, or an attempt. */
  #isOlder({ stepId, epoch, attempt }: StepRef, step: Known | undefined): boolean {
    return epoch < (this.#memory.get(stepId)?.epoch ?? 0) || attempt < (step?.attempt ?? 0);
  }

  /** The step's epoch is at least this one from now on: who follows under an older one is told, and let go. */
  #raise({ stepId, epoch }: StepRef): Mark {
    const mark = this.#memory.note(stepId);
    this.#trim();
    if (mark.epoch >= epoch) return mark;
    mark.epoch = epoch;
    mark.call = -1;
    const followers = this.#steps.get(stepId)?.followers ?? new Map<Follower, number>();
    for (const [follower, theirs] of followers) {
      if (theirs >= epoch) continue;
      followers.delete(follower);
      follower.event({ type: "superseded" });
    }
    return mark;
  }

  #join(ref: StepRef, step: Known, follower: Follower): Entry {
    for (const line of step.lines) follower.event({ type: "log", line });
    if (step.result) follower.event({ type: "result", result: step.result });
    else {
      step.followers.set(follower, ref.epoch);
      for (const ask of step.asks.unanswered) follower.event({ type: "ask", ask });
    }
    return { kind: "following", leave: () => step.followers.delete(follower) };
  }

  #begin(request: StepRequest, ref: StepRef, mark: Mark): Known {
    mark.over = Math.max(mark.over, ref.attempt - 1);
    const step: Known = {
      attempt: ref.attempt,
      lines: [],
      bytes: 0,
      result: null,
      followers: new Map(),
      asks: new StepAsks((ask) => {
        for (const follower of step.followers.keys()) follower.event({ type: "ask", ask });
      }),
      abort: new AbortController(),
      finishedAt: 0,
      isForgotten: false,
    };
    // Behind all that have begun before it.
    this.#steps.delete(ref.stepId);
    this.#steps.set(ref.stepId, step);
    this.#running += 1;
    const emit = (line: LogLine) => {
      step.lines.push(line);
      step.bytes += line.message.length + lineOverheadBytes;
      for (const follower of step.followers.keys()) follower.event({ type: "log", line });
    };
    if (mark.isCancelled) this.#end(ref.stepId, step, cancelledResult());
    else
      void this.#run(request, emit, step.abort.signal, step.asks).then((end) =>
        this.#end(ref.stepId, step, end),
      );
    return step;
  }

  #end(stepId: string, step: Known, end: StepResult | NotBegun): void {
    this.#running -= 1;
    step.asks.close();
    const hasBegun = !("notBegun" in end);
    const event: StepEvent = hasBegun
      ? { type: "result", result: end }
      : { type: "not_started", message: end.notBegun };
    if (hasBegun) step.result = end;
    step.finishedAt = performance.now();
    for (const follower of step.followers.keys()) follower.event(event);
    step.followers.clear();
    // What has not begun may be started again.
    if (!hasBegun || end.lacksAdaptor) this.#steps.delete(stepId);
    else if (step.isForgotten) this.#drop(stepId, step);
    if (this.#steps.size > maxFinished) this.#forgetOld();
  }

  /** Forgets the step: no attempt up to this one is ever started. */
  #drop(stepId: string, { attempt }: { attempt: number }): void {
    const mark = this.#memory.note(stepId);
    mark.over = Math.max(mark.over, attempt);
    this.#steps.delete(stepId);
  }

  #trim(): void {
    this.#memory.trim((stepId) => this.#steps.has(stepId));
  }

  /** Keeps memory bounded: old steps go, then the oldest steps' lines, then the oldest steps. */
  #forgetOld(): void {
    const finished = [...this.#steps].filter(([, step]) => step.result !== null);
    let logBytes = finished.reduce((sum, [, step]) => sum + step.bytes, 0);
    let outputChars = finished.reduce((sum, [, step]) => sum + outputSize(step), 0);
    for (const [index, [stepId, step]] of finished.entries()) {
      const isOld = performance.now() - step.finishedAt > keepFinishedMs;
      if (isOld || finished.length - index > maxFinished || outputChars > maxKeptOutputChars) {
        this.#drop(stepId, step);
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
