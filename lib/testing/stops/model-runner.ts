import type {
  EdgeExpression,
  LogLine,
  Runner,
  StepFate,
  StepRef,
  StepRequest,
  StepResult,
} from "@/lib/runner/contract";
import { SupersededError } from "@/lib/runner/contract";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";

type OnLog = (lines: LogLine[]) => void;
type Known = { epoch: number; isCancelled: boolean; attempts: Map<number, Promise<StepResult>> };

/** One life of a runner as the contract says it is, in memory: it obeys the newest epoch and runs an attempt once. */
export class ModelRunner extends ScriptedRunner implements Runner {
  /** Every job that began: the step and which attempt of it. */
  readonly begun: { stepId: string; attempt: number; job: string; input: string }[] = [];
  readonly #steps = new Map<string, Known>();
  readonly #waiting = new Map<string, () => void>();

  override async runStep(request: StepRequest, onLog?: OnLog): Promise<StepResult> {
    const { stepId, epoch = 0, attempt = 0 } = request;
    const known = this.#heard(stepId, epoch);
    if (!known.attempts.has(attempt)) known.attempts.set(attempt, this.#begin(request, attempt, known));
    onLog?.([{ seq: 0, at: 0, level: "info", source: "JOB", message: `attempt ${attempt}` }]);
    return this.#endOf(known, epoch, attempt);
  }

  override async followStep({ stepId, epoch, attempt }: StepRef): Promise<StepFate> {
    const known = this.#heard(stepId, epoch);
    if (!known.attempts.has(attempt)) return { kind: "never_started" };
    return { kind: "result", result: await this.#endOf(known, epoch, attempt) };
  }

  override async cancelStep(stepId: string): Promise<void> {
    this.#known(stepId).isCancelled = true;
    this.#waiting.get(stepId)?.();
  }

  /** Resolves when somebody cancels the step. */
  isCancelled(stepId: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#known(stepId).isCancelled) resolve();
      else this.#waiting.set(stepId, resolve);
    });
  }

  /** What a trigger's expression comes to when it is evaluated for the so-manieth time, from 0. */
  decide: (expression: string, times: number) => boolean = () => true;
  #times = 0;

  override async evaluate(_project?: string, _input?: string, conditions: EdgeExpression[] = []) {
    const times = this.#times++;
    return Object.fromEntries(
      conditions.map(({ edgeId, expression }) => [edgeId, this.decide(expression, times)]),
    );
  }

  #known(stepId: string): Known {
    const known = this.#steps.get(stepId) ?? { epoch: 0, isCancelled: false, attempts: new Map() };
    this.#steps.set(stepId, known);
    return known;
  }

  #heard(stepId: string, epoch: number): Known {
    const known = this.#known(stepId);
    if (epoch < known.epoch) throw new SupersededError();
    known.epoch = epoch;
    return known;
  }

  async #endOf(known: Known, epoch: number, attempt: number): Promise<StepResult> {
    const result = await known.attempts.get(attempt);
    if (epoch < known.epoch || !result) throw new SupersededError();
    return result;
  }

  #begin(request: StepRequest, attempt: number, known: Known): Promise<StepResult> {
    const { stepId, input, job } = request;
    this.begun.push({ stepId, attempt, job: job.name, input });
    if (known.isCancelled) return Promise.resolve(this.cancelledResult());
    return super.runStep(request);
  }

  cancelledResult(): StepResult {
    return {
      reason: "cancel",
      output: null,
      error: { type: "Cancelled", message: "The run was cancelled." },
      conditions: {},
      durationMs: 1,
      peakMemoryMb: null,
      connections: [],
    };
  }
}
