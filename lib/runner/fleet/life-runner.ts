import {
  type LogLine,
  NotReachableError,
  NotStartedError,
  type StepFate,
  type StepRef,
  type StepRequest,
  type StepResult,
  type StepRunner,
} from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";

type OnLog = (lines: LogLine[]) => void;

/** Who has a life, and whether others hear it. */
export type LifeSource = {
  /** Null when nobody remembers the life. Throws NotReachableError when it may not be called from here. */
  runner(): Promise<StepRunner | null>;
  /** Whether somebody has heard it just now, although it may be out of reach from here. */
  isHeard(): Promise<boolean>;
  /** A step is being given to it. Answers what is to be called when that is over. */
  begin(): () => void;
  /** A step was not started there. */
  shun(): void;
};

export type Patience = {
  /** How long a life that others hear may be out of reach from here before whoever asks goes another way. */
  heardMs: number;
  /** Between two attempts. */
  pauseMs: number;
};

const usualPatience: Patience = { heardMs: 60_000, pauseMs: 1_000 };

/**
 * One life of a runner, found when it is asked. What is out of reach from here, or answered for by somebody who knows
 * nothing of it, counts as gone only when nobody hears it any more: a cut in the network is no end of a step.
 */
export class LifeRunner implements StepRunner {
  constructor(
    readonly source: LifeSource,
    readonly patience: Patience = usualPatience,
  ) {}

  async runStep(request: StepRequest, onLog: OnLog, signal?: AbortSignal): Promise<StepResult> {
    const { source } = this;
    const end = source.begin();
    try {
      const runner = await source.runner();
      if (!runner) throw new NotStartedError("it is gone");
      const result = await runner.runStep(request, onLog, signal);
      return isUnknown(result) ? await this.#lookAgain(request, result, onLog) : result;
    } catch (error) {
      if (error instanceof NotStartedError) source.shun();
      throw error;
    } finally {
      end();
    }
  }

  async followStep(ref: StepRef, onLog: OnLog): Promise<StepFate> {
    const until = performance.now() + this.patience.heardMs;
    for (;;) {
      const found = await this.#followOnce(ref, onLog);
      if (found && (found.kind !== "gone" || found.hosts !== null)) return found;
      if (!(await this.source.isHeard())) return { kind: "gone", hosts: null };
      if (performance.now() >= until) throw new NotReachableError();
      await new Promise((resolve) => setTimeout(resolve, this.patience.pauseMs));
    }
  }

  async cancelStep(stepId: string): Promise<void> {
    await (await this.source.runner())?.cancelStep(stepId);
  }

  async forgetStep(ref: StepRef): Promise<void> {
    await (await this.source.runner())?.forgetStep(ref);
  }

  /** Null when it is out of reach. */
  async #followOnce(ref: StepRef, onLog: OnLog): Promise<StepFate | null> {
    try {
      const runner = await this.source.runner();
      return runner ? await runner.followStep(ref, onLog) : { kind: "gone", hosts: null };
    } catch (error) {
      if (error instanceof NotReachableError) return null;
      throw error;
    }
  }

  /** Contact was lost; while others hear the runner, the step may still be running. */
  async #lookAgain(request: StepRequest, lost: StepResult, onLog: OnLog): Promise<StepResult> {
    if (!(await this.source.isHeard())) return lost;
    try {
      const fate = await this.followStep(refOf(request), onLog);
      return fate.kind === "result" ? fate.result : lost;
    } catch (error) {
      if (error instanceof NotReachableError) return lost;
      throw error;
    }
  }
}

/** Lost without a word of what it did: the client's own, when nobody could say more. */
const isUnknown = ({ reason, untouched, connections, durationMs }: StepResult): boolean =>
  reason === "lost" && !untouched && connections.length === 0 && durationMs === null;
