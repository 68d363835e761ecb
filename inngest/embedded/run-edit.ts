import { asFailure, type Op } from "./protocol";
import { type KnownStep, type LockedRun, type RunRow, stepKey } from "./state";
import { durationMs } from "./time";

/** A step as the database functions `save` and `checkpoint` write it. `race` is the release before's. */
export type StepWrite = { id: string; op: string; name: string | null; race: false; state: unknown };

type TimerWrite = { id: string; kind: "sleep"; step: string; delay: number };
export type Outcome = {
  status: "completed" | "failed";
  output: unknown;
  error: Record<string, unknown> | null;
};

/**
 * What one answer of the SDK, or the end of a sleep, changes about a run. Pure: it collects rows; `toJson` is what the
 * database function `save` writes.
 */
export class RunEdit {
  readonly run: RunRow;
  outcome: Outcome | null = null;
  readonly #known: Map<string, KnownStep>;
  readonly #steps = new Map<string, StepWrite & { done: boolean }>();
  readonly #queue = new Map<string, { id: string; step: string }>();
  readonly #timers: TimerWrite[] = [];
  readonly #clear: string[] = [];

  constructor(locked: LockedRun) {
    const { steps, ...run } = locked;
    this.run = { ...run, stack: [...run.stack] };
    this.#known = new Map(Object.entries(steps));
  }

  /** Applies the ops of one answer. */
  apply(ops: Op[], version: number): void {
    if (this.run.version === -1) this.run.version = version;
    let progressed = false;
    for (const op of ops) {
      if (op.op === "RunComplete") {
        this.finish({ status: "completed", output: op.data ?? null, error: null });
        return;
      }
      if (op.op === "DiscoveryRequest" || op.op === "None") progressed = true;
      else if (op.op === "StepRun" || op.op === "StepError" || op.op === "StepFailed") {
        this.#settle(op);
        progressed = true;
      } else progressed = this.#plan(op) || progressed;
    }
    if (ops.length > 1) this.run.planned = true;
    if (progressed) this.#discover();
  }

  /** Saves finished steps without asking for another look: the call will be repeated. */
  keepFinished(ops: Op[]): void {
    for (const op of ops) if (op.op === "StepRun") this.#settle(op);
  }

  /** A sleep ended. Nothing happens when it had before. */
  wake(stepId: string): void {
    const step = this.#known.get(stepId);
    if (!step || step.done) return;
    this.#write({ id: stepId, op: step.op, name: null, race: false, state: null }, true);
    this.#clear.push(stepKey(this.run.id, stepId));
    this.#discover();
  }

  finish(outcome: Outcome): void {
    this.outcome = outcome;
    this.run.status = outcome.status;
  }

  toJson(): Record<string, unknown> {
    const { id, status, stack, planned, version } = this.run;
    return {
      id,
      status,
      stack,
      planned,
      version,
      output: this.outcome?.output ?? null,
      error: this.outcome?.error ?? null,
      steps: [...this.#steps.values()],
      queue: [...this.#queue.values()],
      timers: this.#timers,
      waits: [],
      clear: this.#clear,
    };
  }

  #settle(op: Op): void {
    if (this.#known.get(op.id)?.done) return;
    const state = op.op === "StepRun" ? { data: op.data ?? null } : { error: asFailure(op.error) };
    this.#write(stepWrite(op, state), true);
  }

  #plan(op: Op): boolean {
    const known = this.#known.get(op.id);
    // Planned before: nothing to do. Finished before: the SDK had an old view and must look again.
    if (known) return known.done;
    this.#write(stepWrite(op, null), false);
    const id = stepKey(this.run.id, op.id);
    if (op.op === "StepPlanned") this.#queue.set(id, { id, step: op.id });
    else if (op.op === "Sleep")
      this.#timers.push({
        ...{ id, kind: "sleep", step: op.id },
        delay: durationMs(op.opts?.duration ?? op.name ?? "0s"),
      });
    return false;
  }

  /** Looks at the function again once nothing is pending; in protocol 1 after every step. */
  #discover(): void {
    const pending = [...this.#known.values()].some((step) => !step.done);
    if (pending && this.run.version >= 2) return;
    if (this.run.version >= 2) this.run.planned = false;
    const id = stepKey(this.run.id, `d${this.run.stack.length}`);
    this.#queue.set(id, { id, step: "step" });
  }

  #write(step: StepWrite, done: boolean): void {
    this.#steps.set(step.id, { ...step, done });
    this.#known.set(step.id, { op: step.op, done });
    if (done) this.run.stack.push(step.id);
  }
}

export const stepWrite = (op: Op, state: unknown): StepWrite => ({
  ...{ id: op.id, op: op.op, name: op.displayName ?? op.name ?? null },
  ...{ race: false, state },
});
